namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>virDomainEventType.</summary>
internal enum LibvirtLifeCycle
{
    Defined = 0,
    Undefined = 1,
    Started = 2,
    Suspended = 3,
    Resumed = 4,
    Stopped = 5,

    /// <summary>The guest has shut down; <see cref="Stopped"/> follows.</summary>
    Shutdown = 6,

    /// <summary>The guest suspended itself to memory or disk.</summary>
    PowerManagementSuspended = 7,
    Crashed = 8,
}
