namespace PciBus.Management.ServiceOfferings;

/// <summary>What happens to virtual machines with PCI devices that are to be migrated live.</summary>
internal enum PciMigration
{
    /// <summary>They are not: whoever wants the interruption says so in the offering.</summary>
    Forbid,

    /// <summary>Their devices are detached before, and devices of the same names attached on the other host.</summary>
    DetachAttach,
}
