namespace PciBus.Management.VirtualMachines;

/// <summary>CloudStack's states of a virtual machine.</summary>
internal enum VirtualMachineState
{
    Starting,
    Running,
    Stopping,
    Stopped,
    Destroyed,
    Expunging,
    Migrating,
    Error,
    Restoring,
}
