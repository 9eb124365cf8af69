namespace PciBus.Management.Api.VirtualMachines;

/// <summary>Which virtual machines are listed: those in a state, or those that are there.</summary>
internal enum VirtualMachineStateFilter
{
    Starting,
    Running,
    Stopping,
    Stopped,
    Migrating,
    Destroyed,
    Error,

    /// <summary>All but the destroyed.</summary>
    Present,
}
