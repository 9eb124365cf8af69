namespace PciBus.Agent.Hypervisor.Libvirt.Native;

/// <summary>The events that the agent listens to, by their number in virDomainEventID.</summary>
internal enum LibvirtEventKind
{
    /// <summary>The connection is gone, and with it the events that would have come.</summary>
    Closed = -1,

    /// <summary>Started, suspended, resumed, stopped, crashed.</summary>
    LifeCycle = 0,

    /// <summary>The guest has been reset.</summary>
    Reboot = 1,

    DeviceRemoved = 15,

    DeviceAdded = 19,

    /// <summary>A migration or the like has ended.</summary>
    JobCompleted = 21,

    /// <summary>The guest refuses to let go of a device.</summary>
    DeviceRemovalFailed = 22,
}
