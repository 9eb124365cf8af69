using System.Net;
using System.Net.Sockets;
using Xunit;

namespace PciBus.Tests.Support;

public sealed class FreePortTests
{
    [Fact]
    public void Ports_AreFree_LieBelowThoseOfConnections_AndAreGivenOnce()
    {
        var ports = Enumerable.Range(0, 50).Select(_ => FreePort.Next()).ToList();

        Assert.Equal(50, ports.Distinct().Count());
        Assert.All(ports, port => Assert.InRange(port, 20_000, 32_000));
        foreach (var port in ports)
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
        }
    }

    /// <summary>As a second test process would try it.</summary>
    [Fact]
    public void FileOfAPort_CannotBeOpenedByAnother()
    {
        var file = Path.Combine(Path.GetTempPath(), $"pcibus-test-ports-{Environment.UserName}", $"{FreePort.Next()}");

        Assert.Throws<IOException>(() => new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose());
    }
}
