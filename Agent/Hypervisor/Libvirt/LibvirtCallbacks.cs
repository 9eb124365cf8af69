using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>
/// What libvirt calls on the thread of its event loop. Each puts an event into the channel of its connection and returns: nobody's
/// work holds the loop, and nothing is thrown into C. A connection is known by a number that is never used again: a callback that
/// comes after its connection was closed finds nothing, and does nothing.
/// </summary>
internal static unsafe class LibvirtCallbacks
{
    private static readonly ConcurrentDictionary<nint, ChannelWriter<LibvirtEvent>> Connections = new();
    private static long _lastConnection;

    /// <summary>The events of domains that PciBus listens to (virDomainEventID), each with its callback.</summary>
    public static IReadOnlyList<(int Id, nint Callback)> All { get; } =
    [
        (0, (nint)(delegate* unmanaged<nint, nint, int, int, nint, int>)&LifeCycle),
        (15, (nint)(delegate* unmanaged<nint, nint, byte*, nint, void>)&DeviceRemoved),
        (19, (nint)(delegate* unmanaged<nint, nint, byte*, nint, void>)&DeviceAdded),
        (21, (nint)(delegate* unmanaged<nint, nint, void*, int, nint, void>)&JobCompleted),
        (22, (nint)(delegate* unmanaged<nint, nint, byte*, nint, void>)&DeviceRemovalFailed),
    ];

    public static delegate* unmanaged<nint, int, nint, void> OnClosed => &Closed;

    /// <returns>The number to register callbacks with.</returns>
    public static nint Add(ChannelWriter<LibvirtEvent> events)
    {
        var connection = (nint)Interlocked.Increment(ref _lastConnection);
        Connections[connection] = events;
        return connection;
    }

    public static void Remove(nint connection) => Connections.TryRemove(connection, out _);

    [UnmanagedCallersOnly]
    private static int LifeCycle(nint handle, nint domain, int change, int detail, nint connection)
    {
        Tell(connection, domain, uuid => new LibvirtEvent.LifeCycle(uuid, (LibvirtLifeCycle)change, detail));
        return 0;
    }

    [UnmanagedCallersOnly]
    private static void DeviceRemoved(nint handle, nint domain, byte* alias, nint connection)
    {
        var name = Marshal.PtrToStringUTF8((nint)alias);
        Tell(connection, domain, uuid => new LibvirtEvent.DeviceRemoved(uuid, name ?? ""));
    }

    [UnmanagedCallersOnly]
    private static void DeviceAdded(nint handle, nint domain, byte* alias, nint connection)
    {
        var name = Marshal.PtrToStringUTF8((nint)alias);
        Tell(connection, domain, uuid => new LibvirtEvent.DeviceAdded(uuid, name ?? ""));
    }

    [UnmanagedCallersOnly]
    private static void DeviceRemovalFailed(nint handle, nint domain, byte* alias, nint connection)
    {
        var name = Marshal.PtrToStringUTF8((nint)alias);
        Tell(connection, domain, uuid => new LibvirtEvent.DeviceRemovalFailed(uuid, name ?? ""));
    }

    [UnmanagedCallersOnly]
    private static void JobCompleted(nint handle, nint domain, void* parameters, int count, nint connection) =>
        Tell(connection, domain, uuid => new LibvirtEvent.JobCompleted(uuid));

    [UnmanagedCallersOnly]
    private static void Closed(nint handle, int reason, nint connection)
    {
        if (!Connections.TryGetValue(connection, out var events)) return;
        events.TryWrite(new LibvirtEvent.ConnectionClosed((LibvirtCloseReason)reason));
    }

    private static void Tell(nint connection, nint domain, Func<Guid, LibvirtEvent> makeEvent)
    {
        if (!Connections.TryGetValue(connection, out var events)) return;
        // An exception would end the process when it got to C: nothing here throws.
        var text = stackalloc byte[LibvirtNative.UuidBuffer];
        // The domain is lent for the callback. One without uuid there cannot be, and it would be no event.
        if (LibvirtNative.virDomainGetUUIDString(domain, text) < 0) return;
        if (Guid.TryParse(Marshal.PtrToStringUTF8((nint)text), out var uuid)) events.TryWrite(makeEvent(uuid));
    }
}
