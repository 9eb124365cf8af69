namespace PciBus.Management.Workflows;

/// <summary>The workflows there are.</summary>
internal enum WorkflowKind
{
    StartVirtualMachine,
    StopVirtualMachine,
    RebootVirtualMachine,
    DestroyVirtualMachine,
    Settle,
    MigrateVirtualMachine,
    CancelMigration,
    AttachPciDevices,
    DetachPciDevices,
}
