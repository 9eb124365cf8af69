namespace PciBus.Management.Workflows;

/// <summary>The commands a workflow may send for its virtual machine.</summary>
internal enum VirtualMachineOrder
{
    Start,

    /// <summary>Ask the guest.</summary>
    Stop,

    /// <summary>Destroy the domain.</summary>
    ForceStop,

    /// <summary>Clean up if the virtual machine is off, touch nothing if it runs.</summary>
    StopIfOff,
    Reboot,
    Check,

    /// <summary>Could the virtual machine come there, and are the devices claimed there good?</summary>
    PrepareMigration,

    /// <summary>Remove a domain that does not run, and that a migration that is over has brought there.</summary>
    RollBackMigration,
    Migrate,

    /// <summary>Give up the migration that is under way.</summary>
    CancelMigration,
    AttachPciDevices,
    DetachPciDevices,
}
