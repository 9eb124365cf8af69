namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>The job that a domain is in, e.g. a migration.</summary>
/// <param name="IsActive">It is under way; false also when there is none.</param>
/// <param name="Operation">What it does.</param>
/// <param name="MemoryTotal">RAM to carry over, in bytes.</param>
/// <param name="MemoryRemaining">What is left of it; grows while the guest writes.</param>
internal sealed record LibvirtJob(bool IsActive, LibvirtJobOperation Operation, ulong MemoryTotal = 0, ulong MemoryRemaining = 0)
{
    public bool Is(LibvirtJobOperation operation) => IsActive && Operation == operation;
}

/// <summary>virDomainJobOperation.</summary>
internal enum LibvirtJobOperation
{
    Unknown = 0,
    Start = 1,
    Save = 2,
    Restore = 3,

    /// <summary>The domain is being brought here.</summary>
    MigrationIn = 4,

    /// <summary>The domain is being taken away from here.</summary>
    MigrationOut = 5,
    Snapshot = 6,
    SnapshotRevert = 7,
    Dump = 8,
    Backup = 9,
    SnapshotDelete = 10,
}
