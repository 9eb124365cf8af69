using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net.Sockets;

namespace PciBus.Tests.Hypervisor.Libvirt;

/// <summary>
/// The other end of a connection of libvirt, on a socket of its own: it speaks as much of libvirtd's protocol as opening a connection,
/// listening to events and looking for domains needs, until it is told to be silent, or to hang up. It has no domain, and keeps the
/// calls that would make one for later.
/// </summary>
internal sealed class ScriptedLibvirtd : IAsyncDisposable
{
    private const uint Remote = 0x20008086;
    private const uint SupportsFeature = 60;
    private const uint AuthenticationList = 66;
    private const uint NodeInfo = 6;
    private const uint Capabilities = 7;
    private const uint CreateDomain = 10;
    private const uint LookupDomain = 24;
    private const uint LibraryVersion = 157;
    private const uint ListDomains = 273;
    private const uint Reply = 1;
    private const int Header = 28;

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"pcibus-{Guid.NewGuid():N}.sock");
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly TaskCompletionSource _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _life = new();
    private readonly Task _serving;
    private readonly ConcurrentQueue<Socket> _clients = new();
    private readonly ConcurrentQueue<Task> _answering = new();

    public ScriptedLibvirtd()
    {
        _listener.Bind(new UnixDomainSocketEndPoint(_path));
        _listener.Listen();
        _serving = ServeAsync();
    }

    public string Uri => $"qemu+unix:///system?socket={_path}&mode=legacy";

    /// <summary>It reads, and answers nothing.</summary>
    public bool IsSilent { get; set; }

    /// <summary>It has heard a call that it does not answer.</summary>
    public Task Heard => _heard.Task;

    /// <summary>How many connections were made to it.</summary>
    public int Callers => _clients.Count;

    public void HangUp()
    {
        foreach (var client in _clients.Where(client => client.Connected)) client.Shutdown(SocketShutdown.Both);
    }

    public async ValueTask DisposeAsync()
    {
        await _life.CancelAsync();
        await _serving;
        await Task.WhenAll(_answering);
        foreach (var client in _clients) client.Dispose();
        _listener.Dispose();
        _life.Dispose();
        File.Delete(_path);
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptAsync(_life.Token);
                _clients.Enqueue(client);
                _answering.Enqueue(AnswerAllAsync(client));
            }
        }
        catch (OperationCanceledException)
        {
            // It ends.
        }
    }

    private async Task AnswerAllAsync(Socket client)
    {
        try
        {
            await using var stream = new NetworkStream(client);
            while (true) await AnswerAsync(stream);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // Hung up, by either.
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        var call = new byte[Header];
        await stream.ReadExactlyAsync(call, _life.Token);
        await stream.ReadExactlyAsync(new byte[Number(call, 0) - Header], _life.Token);
        if (IsSilent || Number(call, 3) == CreateDomain)
        {
            _heard.TrySetResult();
            return;
        }

        // Length, program, version, procedure, type, serial and status; then what is answered: no authentication, no features, a
        // version, a node without a name, one blank of capabilities, no domains; for a lookup code and domain of an error and nine
        // parts that it does not have; done.
        uint[] body = Number(call, 3) switch
        {
            AuthenticationList when Number(call, 1) == Remote => [1, 0],
            SupportsFeature => [0],
            LibraryVersion => [0, 9_000_000],
            NodeInfo => [.. new uint[33], 1024, 1, 1, 1, 1, 1, 1],
            Capabilities => [1, 0x20000000],
            ListDomains => [0, 0],
            LookupDomain => [42, 10, .. new uint[9]],
            _ => [],
        };
        var status = Number(call, 3) == LookupDomain ? 1u : 0;
        var length = (uint)(Header + (4 * body.Length));
        uint[] answer = [length, Number(call, 1), Number(call, 2), Number(call, 3), Reply, Number(call, 5), status, .. body];
        var bytes = new byte[4 * answer.Length];
        for (var i = 0; i < answer.Length; i++) BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4 * i), answer[i]);
        await stream.WriteAsync(bytes, _life.Token);
    }

    private static uint Number(byte[] message, int index) => BinaryPrimitives.ReadUInt32BigEndian(message.AsSpan(4 * index));
}
