namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>virDomainState.</summary>
internal enum LibvirtDomainState
{
    None = 0,
    Running = 1,
    Blocked = 2,
    Paused = 3,

    /// <summary>It is shutting down, and exists yet.</summary>
    Shutdown = 4,

    /// <summary>It is defined and does not run: it holds nothing.</summary>
    ShutOff = 5,
    Crashed = 6,
    PowerManagementSuspended = 7,
}
