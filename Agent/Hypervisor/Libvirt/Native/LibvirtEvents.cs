using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace PciBus.Agent.Hypervisor.Libvirt.Native;

/// <summary>
/// Brings the events of one connection. Libvirt calls on the thread of its event loop, where nothing may wait nor throw:
/// there they are only handed on.
/// </summary>
internal sealed unsafe class LibvirtEvents : IDisposable
{
    /// <summary>Who gets the events of which connection: libvirt carries a number, and not a reference that could outlive its object.</summary>
    private static readonly ConcurrentDictionary<nint, Action<LibvirtEvent>> Listeners = new();

    private static readonly Lock Gate = new();
    private static Thread? _loop;
    private static int _last;

    private static nint WhenClosed => (nint)(delegate* unmanaged<nint, int, nint, void>)&Closed;

    private readonly ConnectionHandle _connection;
    private readonly List<int> _callbacks = [];
    private readonly nint _number = Interlocked.Increment(ref _last);

    /// <param name="connection">A connection opened after <see cref="StartLoop"/>.</param>
    /// <param name="listener">Is called on the thread of the event loop.</param>
    /// <exception cref="HypervisorException">The connection brings no events.</exception>
    public LibvirtEvents(ConnectionHandle connection, Action<LibvirtEvent> listener)
    {
        _connection = connection;
        Listeners[_number] = listener;
        LibvirtError.Check(LibvirtApi.virConnectRegisterCloseCallback(connection, WhenClosed, _number, 0));
        Register(LibvirtEventKind.LifeCycle, (nint)(delegate* unmanaged<nint, nint, int, int, nint, int>)&LifeCycle);
        Register(LibvirtEventKind.Reboot, (nint)(delegate* unmanaged<nint, nint, nint, void>)&Reboot);
        Register(LibvirtEventKind.DeviceRemoved, (nint)(delegate* unmanaged<nint, nint, nint, nint, void>)&DeviceRemoved);
        Register(LibvirtEventKind.DeviceAdded, (nint)(delegate* unmanaged<nint, nint, nint, nint, void>)&DeviceAdded);
        Register(LibvirtEventKind.JobCompleted, (nint)(delegate* unmanaged<nint, nint, nint, int, nint, void>)&JobCompleted);
        Register(LibvirtEventKind.DeviceRemovalFailed, (nint)(delegate* unmanaged<nint, nint, nint, nint, void>)&DeviceRemovalFailed);
    }

    /// <summary>The thread on which libvirt reads from its connections; one in a process, before the first is opened.</summary>
    /// <exception cref="HypervisorException">Libvirt does not start.</exception>
    /// <exception cref="DllNotFoundException">There is no libvirt.so.0.</exception>
    public static void StartLoop()
    {
        lock (Gate)
        {
            if (_loop is not null) return;
            LibvirtError.Check(LibvirtApi.virInitialize());
            // Each error is an exception here: libvirt need not write it to stderr as well.
            LibvirtApi.virSetErrorFunc(0, (nint)(delegate* unmanaged<nint, nint, void>)&Ignore);
            LibvirtError.Check(LibvirtApi.virEventRegisterDefaultImpl());
            _loop = new Thread(RunLoop) { IsBackground = true, Name = "libvirt events" };
            _loop.Start();
        }
    }

    public void Dispose()
    {
        if (!Listeners.TryRemove(_number, out _)) return;
        // On a connection that is dead they fail, and are gone all the same.
        foreach (var callback in _callbacks) _ = LibvirtApi.virConnectDomainEventDeregisterAny(_connection, callback);
        _ = LibvirtApi.virConnectUnregisterCloseCallback(_connection, WhenClosed);
    }

    private static void RunLoop()
    {
        while (true) _ = LibvirtApi.virEventRunDefaultImpl();
    }

    private static void Tell(LibvirtEventKind kind, nint domain, nint number, nint alias = 0)
    {
        if (!Listeners.TryGetValue(number, out var listener)) return;
        var uuid = stackalloc byte[16];
        var known = domain != 0 && LibvirtApi.virDomainGetUUID(domain, uuid) >= 0;
        listener(new LibvirtEvent(
            kind, known ? new Guid(new ReadOnlySpan<byte>(uuid, 16), bigEndian: true) : Guid.Empty, Marshal.PtrToStringUTF8(alias)));
    }

    [UnmanagedCallersOnly]
    private static void Ignore(nint userData, nint error)
    {
    }

    [UnmanagedCallersOnly]
    private static void Closed(nint connection, int reason, nint number) => Tell(LibvirtEventKind.Closed, 0, number);

    [UnmanagedCallersOnly]
    private static int LifeCycle(nint connection, nint domain, int happened, int detail, nint number)
    {
        Tell(LibvirtEventKind.LifeCycle, domain, number);
        return 0;
    }

    [UnmanagedCallersOnly]
    private static void Reboot(nint connection, nint domain, nint number) => Tell(LibvirtEventKind.Reboot, domain, number);

    [UnmanagedCallersOnly]
    private static void DeviceRemoved(nint connection, nint domain, nint alias, nint number) =>
        Tell(LibvirtEventKind.DeviceRemoved, domain, number, alias);

    [UnmanagedCallersOnly]
    private static void DeviceAdded(nint connection, nint domain, nint alias, nint number) =>
        Tell(LibvirtEventKind.DeviceAdded, domain, number, alias);

    [UnmanagedCallersOnly]
    private static void JobCompleted(nint connection, nint domain, nint parameters, int count, nint number) =>
        Tell(LibvirtEventKind.JobCompleted, domain, number);

    [UnmanagedCallersOnly]
    private static void DeviceRemovalFailed(nint connection, nint domain, nint alias, nint number) =>
        Tell(LibvirtEventKind.DeviceRemovalFailed, domain, number, alias);

    private void Register(LibvirtEventKind kind, nint callback) => _callbacks.Add(LibvirtError.Check(
        LibvirtApi.virConnectDomainEventRegisterAny(_connection, 0, (int)kind, callback, _number, 0)));
}
