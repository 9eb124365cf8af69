using System.Net;
using System.Net.Sockets;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Bus;

/// <summary>The broker of the tests says why it does not start, so that a run that failed for it can be told from one of PciBus.</summary>
[Collection(nameof(Bus))]
public sealed class BrokerNodeTests
{
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task NodeThatEndsByItself_TellsWhy_AndStartsOnceItCan()
    {
        if (await BrokerNode.InstallAsync() is { } missing) Assert.Skip(missing);
        await using var broker = new BrokerNode();
        using (var other = new TcpListener(IPAddress.Loopback, new Uri(broker.Address).Port))
        {
            other.Start();
            _ = TurnAwayAsync(other);
            var ended = await Assert.ThrowsAsync<InvalidOperationException>(() => broker.StartAsync(_token));
            Assert.Contains("ended by itself 3 times", ended.Message, StringComparison.Ordinal);
            Assert.Contains("eaddrinuse", ended.Message, StringComparison.Ordinal);
        }

        await broker.StartAsync(_token);
        Assert.Equal(1, await broker.CountAsync("guest", "list_users"));
    }
    /// <summary>Whoever took it for the broker does not wait for its greeting.</summary>
    private static async Task TurnAwayAsync(TcpListener listener)
    {
        while (true) (await listener.AcceptTcpClientAsync()).Dispose();
    }
}
