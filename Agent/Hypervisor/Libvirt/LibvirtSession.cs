using System.Threading.Channels;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>A connection as C knows it: its handle, and the callbacks that are registered with it. All of it blocks.</summary>
internal sealed unsafe class LibvirtSession : IDisposable
{
    /// <summary>A libvirtd that says nothing for 5 s is asked, and is given up when it has not answered 4 times.</summary>
    private const int KeepAliveSeconds = 5;
    private const uint KeepAliveCount = 4;

    private static readonly TimeSpan CallbackTime = TimeSpan.FromSeconds(3);

    private readonly nint _number;
    private readonly List<int> _registrations = [];
    private int _closed;

    private LibvirtSession(LibvirtConnectHandle handle, nint number) => (Handle, _number) = (handle, number);

    public LibvirtConnectHandle Handle { get; }

    /// <summary>Opens it, and has its end, and the events of domains if it listens, written into the channel from then on.</summary>
    /// <exception cref="DllNotFoundException">There is no libvirt on this host.</exception>
    /// <exception cref="LibvirtException">It cannot be opened.</exception>
    public static LibvirtSession Open(string uri, bool listens, ChannelWriter<LibvirtEvent> events)
    {
        LibvirtEventLoop.Start();
        var handle = LibvirtNative.virConnectOpen(uri);
        if (handle.IsInvalid) throw LibvirtException.OfThisThread();
        var session = new LibvirtSession(handle, LibvirtCallbacks.Add(events));
        try
        {
            session.Register(listens);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>What a call returned that says -1 when it failed.</summary>
    /// <exception cref="LibvirtException">It failed.</exception>
    public static int Checked(int result) => result >= 0 ? result : throw LibvirtException.OfThisThread();

    /// <inheritdoc cref="Checked(int)"/>
    public static string Checked(string? result) => result ?? throw LibvirtException.OfThisThread();

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0) return;
        // First of all: a registered callback holds the connection open. What fails here fails because the connection broke.
        foreach (var registration in _registrations) _ = LibvirtNative.virConnectDomainEventDeregisterAny(Handle, registration);
        _ = LibvirtNative.virConnectUnregisterCloseCallback(Handle, LibvirtCallbacks.OnClosed);
        LibvirtCallbacks.Remove(_number);
        // A callback that was running when it was deregistered gives its hold back when it returns.
        LibvirtEventLoop.Pass(CallbackTime);
        Handle.Dispose();
    }

    private void Register(bool listens)
    {
        foreach (var (id, callback) in listens ? LibvirtCallbacks.All : [])
        {
            _registrations.Add(Checked(LibvirtNative.virConnectDomainEventRegisterAny(Handle, 0, id, (void*)callback, _number, null)));
        }

        // A driver within the process has no connection that could break: it supports neither.
        Ask(LibvirtNative.virConnectRegisterCloseCallback(Handle, LibvirtCallbacks.OnClosed, _number, null));
        Ask(LibvirtNative.virConnectSetKeepAlive(Handle, KeepAliveSeconds, KeepAliveCount));
    }

    private static void Ask(int result)
    {
        if (result >= 0) return;
        var error = LibvirtException.OfThisThread();
        if (error.Code != 0 && error.Failure != LibvirtFailure.NotSupported) throw error;
    }
}
