using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PciBus.Tests.Support;

/// <summary>Stands between a process and the broker: holds back what one of them says, lets it go, or cuts the wire.</summary>
internal sealed class BrokerProxy : IAsyncDisposable
{
    private readonly Uri _broker;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _life = new();
    private readonly Lock _gate = new();
    private readonly List<Line> _lines = [];
    private readonly Task _accepting;
    private bool _holdsToBroker;
    private bool _holdsFromBroker;

    public BrokerProxy(string broker)
    {
        _broker = new Uri(broker);
        _listener.Start();
        var port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        Address = broker.Replace(_broker.Port.ToString(CultureInfo.InvariantCulture), port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        _accepting = AcceptAsync();
    }

    /// <summary>Of the broker, for the process whose words are held back.</summary>
    public string Address { get; }

    public void HoldToBroker() => Set(toBroker: true, _holdsFromBroker);

    public void HoldFromBroker() => Set(_holdsToBroker, fromBroker: true);

    /// <summary>Lets everything go on, what was held back first.</summary>
    public void Release() => Set(toBroker: false, fromBroker: false);

    /// <summary>Cuts the wires of now; what was held back is lost.</summary>
    public void Cut()
    {
        lock (_gate)
        {
            foreach (var line in _lines) line.Dispose();
            _lines.Clear();
        }

        Release();
    }

    /// <summary>As if what is behind it had ended: the wires are cut, and nobody is let in any more.</summary>
    public async Task CloseAsync()
    {
        await _life.CancelAsync();
        _listener.Stop();
        Cut();
        await _accepting;
    }

    /// <summary>Whether a text is among what is held back.</summary>
    public bool Holds(string text)
    {
        lock (_gate) return _lines.Any(line => line.Holds(text));
    }

    /// <summary>Tells the broker, in place of whoever is held back, that it lives: an AMQP heartbeat.</summary>
    public void Beat()
    {
        lock (_gate)
        {
            foreach (var line in _lines.Where(line => line.IsToBroker)) line.Insert([8, 0, 0, 0, 0, 0, 0, 0xCE]);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _life.Dispose();
    }

    private void Set(bool toBroker, bool fromBroker)
    {
        lock (_gate)
        {
            (_holdsToBroker, _holdsFromBroker) = (toBroker, fromBroker);
            foreach (var line in _lines) line.Hold(line.IsToBroker ? toBroker : fromBroker);
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) await JoinAsync(await _listener.AcceptTcpClientAsync(_life.Token));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task JoinAsync(TcpClient client)
    {
        var server = new TcpClient();
        try
        {
            await server.ConnectAsync(_broker.Host, _broker.Port, _life.Token);
        }
        catch (SocketException)
        {
            // No broker behind the wire.
            client.Dispose();
            server.Dispose();
            return;
        }

        Add(new Line(client, server, isToBroker: true));
        Add(new Line(server, client, isToBroker: false));
    }

    private void Add(Line line)
    {
        lock (_gate)
        {
            line.Hold(line.IsToBroker ? _holdsToBroker : _holdsFromBroker);
            _lines.Add(line);
        }

        _ = line.PumpAsync();
    }

    /// <summary>One direction of one connection.</summary>
    private sealed class Line(TcpClient from, TcpClient to, bool isToBroker) : IDisposable
    {
        private readonly Lock _gate = new();
        private readonly MemoryStream _held = new();
        private bool _holds;

        public bool IsToBroker => isToBroker;

        public void Hold(bool holds)
        {
            lock (_gate)
            {
                _holds = holds;
                if (holds || _held.Length == 0) return;
                to.GetStream().Write(_held.ToArray());
                _held.SetLength(0);
            }
        }

        public bool Holds(string text)
        {
            lock (_gate) return Encoding.Latin1.GetString(_held.ToArray()).Contains(text, StringComparison.Ordinal);
        }

        public void Insert(ReadOnlySpan<byte> bytes)
        {
            lock (_gate) to.GetStream().Write(bytes);
        }

        public async Task PumpAsync()
        {
            var buffer = new byte[64 * 1024];
            try
            {
                for (int read; (read = await from.GetStream().ReadAsync(buffer)) > 0;) Pass(buffer.AsSpan(0, read));
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
            {
                // Cut at one end or the other.
            }

            Dispose();
        }

        public void Dispose()
        {
            from.Dispose();
            to.Dispose();
        }

        private void Pass(ReadOnlySpan<byte> bytes)
        {
            lock (_gate)
            {
                if (_holds) _held.Write(bytes);
                else to.GetStream().Write(bytes);
            }
        }
    }
}
