using PciBus.Contracts.Connection;
using PciBus.Tests.Support;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Xunit;

namespace PciBus.Tests.Bus;

/// <summary>A publisher finds a connection again, whatever the broker does with the connection before.</summary>
[Collection(nameof(Bus))]
[OutOfProcess]
[OnlyInAll("seconds of a broker")]
public sealed class ConnectionKeeperTests(BrokerFixture broker) : IAsyncLifetime
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Reopened = TimeSpan.FromSeconds(5);
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;
    private readonly List<string> _lost = [];
    private ConnectionKeeper _keeper = null!;
    private Task _keeping = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.True(BusAddress.TryParse(await broker.CleanAsync(_token), out var address));
        var factory = BrokerFactory.For(address, TimeSpan.FromSeconds(10), "kept");
        _keeper = new ConnectionKeeper(factory.CreateConnectionAsync, (Soon, Soon), TimeProvider.System);
        _keeping = _keeper.RunAsync(
            async (connection, life) => _lost.Add(await _keeper.Give(connection).WaitAsync(life)), _ => true, _token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_keeping is null) return;
        _keeper.Dispose();
        await _keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    [Fact]
    public async Task ChannelThatTheBrokerClosed_IsReplaced_OnTheSameConnection()
    {
        var connection = await _keeper.NextAsync();
        var closed = await connection.ChannelAsync();
        Assert.Same(closed, await connection.ChannelAsync());
        await Assert.ThrowsAnyAsync<OperationInterruptedException>(() => PublishAsync(closed, "nowhere"));
        await Patience.UntilAsync(() => !closed.IsOpen, Reopened, () => "open", _token);

        var channels = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => connection.ChannelAsync()));

        Assert.True(channels[0].IsOpen);
        Assert.Single(channels.Distinct());
        Assert.NotSame(closed, channels[0]);
        Assert.Same(connection, _keeper.Current);
        Assert.Empty(_lost);
    }

    [Fact]
    public async Task ConnectionThatTheBrokerClosed_IsReplaced()
    {
        Assert.SkipWhen(broker.Node is null, "this broker is not the test's own");
        var connection = await _keeper.NextAsync();
        await broker.Node!.ControlAsync("close_all_connections", "the test says so");

        var next = await NextAfterAsync(connection);

        Assert.Contains("the test says so", await connection.Lost, StringComparison.Ordinal);
        Assert.False(connection.EndedOverAChannel);
        Assert.True((await next.ChannelAsync()).IsOpen);
    }

    [Fact]
    public async Task ConnectionThatIsGivenUp_IsClosedAndReplaced()
    {
        var connection = await _keeper.NextAsync();
        Assert.True(connection.GiveUp("the queue is gone"));
        Assert.False(connection.GiveUp("once more"));

        Assert.True((await NextAfterAsync(connection)).Connection.IsOpen);

        Assert.False(connection.Connection.IsOpen);
        Assert.Equal(["the queue is gone"], _lost);
    }

    [Fact]
    public async Task Disposed_ItClosesTheConnection_AndOpensNoOther()
    {
        var connection = await _keeper.NextAsync();

        _keeper.Dispose();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _keeping);
        Assert.False(connection.Connection.IsOpen);
        Assert.Null(_keeper.Current);
    }

    private static async Task PublishAsync(IChannel channel, string exchange) =>
        await channel.BasicPublishAsync(exchange, "", mandatory: true, new BasicProperties(), ReadOnlyMemory<byte>.Empty);

    private async Task<BrokerConnection> NextAfterAsync(BrokerConnection before)
    {
        await Patience.UntilAsync(
            () => _keeper.Current is { } current && current != before, Reopened, () => string.Join(", ", _lost), _token);
        return _keeper.Current!;
    }
}
