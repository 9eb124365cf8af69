using System.Net.Sockets;
using System.Text;

namespace PciBus.Tests.Support;

/// <summary>The socket on which systemd hears its services (NOTIFY_SOCKET).</summary>
internal sealed class NotifySocket : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly List<string> _heard = [];

    public NotifySocket() => _socket.Bind(new UnixDomainSocketEndPoint(Path));

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), System.IO.Path.GetRandomFileName());

    /// <summary>All that was told so far.</summary>
    public IReadOnlyList<string> Heard
    {
        get
        {
            var buffer = new byte[4096];
            while (_socket.Poll(TimeSpan.Zero, SelectMode.SelectRead))
            {
                _heard.Add(Encoding.UTF8.GetString(buffer, 0, _socket.Receive(buffer)));
            }

            return _heard;
        }
    }

    public int Count(string state) => Heard.Count(heard => heard == state);

    public void Dispose()
    {
        _socket.Dispose();
        File.Delete(Path);
    }
}
