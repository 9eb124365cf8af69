using System.Globalization;
using PciBus.Agent.Hypervisor.Libvirt.Native;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>
/// The way to libvirtd: opened by the first call, and again by the next one after it broke. While it is broken events are
/// lost, so whoever relies on them looks again when it is <see cref="Opened"/>.
/// </summary>
internal sealed class LibvirtConnection(string uri, TimeProvider timeProvider) : IDisposable
{
    /// <summary>A libvirtd that is silent for 15 s is gone: what waits for it fails.</summary>
    private const int KeepAliveSeconds = 5;
    private const uint KeepAliveCount = 3;

    private readonly OwnThreads _threads = new(timeProvider);
    private readonly Lock _gate = new();
    private ConnectionHandle? _handle;
    private LibvirtEvents? _events;
    private volatile bool _disposed;

    /// <summary>Something happened to a domain; raised on libvirt's own thread, where nothing may wait.</summary>
    public event Action<LibvirtEvent>? Happened;

    /// <summary>There is a connection again; what was known before may be old.</summary>
    public event Action? Opened;

    /// <summary>Whether libvirt can be used at all on this machine.</summary>
    /// <exception cref="IOException">It is not installed, or does not start.</exception>
    public static void Load()
    {
        try
        {
            LibvirtEvents.StartLoop();
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or HypervisorException)
        {
            throw new IOException($"{LibvirtApi.Library} cannot be used: install libvirt's client library (Debian: libvirt0): {e.Message}", e);
        }
    }

    /// <summary>Whom one speaks with. Blocks.</summary>
    public static string VersionOf(ConnectionHandle connection)
    {
        LibvirtError.Check(LibvirtApi.virConnectGetLibVersion(connection, out var libvirt));
        LibvirtError.Check(LibvirtApi.virConnectGetVersion(connection, out var emulator));
        return $"libvirt {Dotted(libvirt.Value)}, QEMU {Dotted(emulator.Value)}";
    }

    /// <summary>Makes a call on a thread of its own.</summary>
    /// <param name="what">The call, for the operator.</param>
    /// <param name="deadline">How long to wait for it.</param>
    /// <param name="changes">The domain that it changes; null for none.</param>
    /// <param name="call">The call; what it opens it closes. Before it changes anything it asks its token, which tells that nobody waits any more.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="HypervisorException">It failed.</exception>
    public Task<T> CallAsync<T>(
        string what, TimeSpan deadline, Guid? changes, Func<ConnectionHandle, CancellationToken, T> call, CancellationToken cancellationToken) =>
        _threads.RunAsync(what, deadline, changes, abandoned => Call(call, abandoned), cancellationToken);

    /// <summary>Whether a call that changes this domain has not come back.</summary>
    public bool IsChanging(Guid domain) => _threads.IsChanging(domain);

    public void Dispose()
    {
        _disposed = true;
        // One that is being opened at this moment closes itself.
        if (!_gate.TryEnter()) return;
        try
        {
            Close();
        }
        finally
        {
            _gate.Exit();
        }
    }

    private T Call<T>(Func<ConnectionHandle, CancellationToken, T> call, CancellationToken abandoned)
    {
        try
        {
            return call(Connected(), abandoned);
        }
        catch (ObjectDisposedException)
        {
            // Another call has found it dead, and closed it.
            throw new HypervisorException(LibvirtError.InternalError, HypervisorException.RpcDomain, "internal error: client socket is closed");
        }
    }

    private static string Dotted(nuint version) =>
        string.Create(CultureInfo.InvariantCulture, $"{version / 1_000_000}.{version / 1000 % 1000}.{version % 1000}");

    private ConnectionHandle Connected()
    {
        ConnectionHandle handle;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_handle is not null && LibvirtApi.virConnectIsAlive(_handle) == 1) return _handle;
            Close();
            handle = Open();
        }

        Opened?.Invoke();
        return handle;
    }

    private ConnectionHandle Open()
    {
        LibvirtEvents.StartLoop();
        var handle = LibvirtError.Check(LibvirtApi.virConnectOpen(uri));
        try
        {
            // Drivers without a daemon have none.
            _ = LibvirtApi.virConnectSetKeepAlive(handle, KeepAliveSeconds, KeepAliveCount);
            _events = new LibvirtEvents(handle, happened => Happened?.Invoke(happened));
            ObjectDisposedException.ThrowIf(_disposed, this);
        }
        catch
        {
            _events?.Dispose();
            handle.Dispose();
            throw;
        }

        return _handle = handle;
    }

    private void Close()
    {
        _events?.Dispose();
        _handle?.Dispose();
        (_events, _handle) = (null, null);
    }
}
