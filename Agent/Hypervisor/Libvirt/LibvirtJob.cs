namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>A job of libvirt on a domain.</summary>
/// <param name="Operation">virDomainJobOperation.</param>
/// <param name="MemoryTotal">Of a migration: RAM to carry over, in bytes.</param>
/// <param name="MemoryRemaining">Of a migration: what is left of it.</param>
internal sealed record LibvirtJob(int Operation, long MemoryTotal, long MemoryRemaining)
{
    /// <summary>virDomainJobType for no job.</summary>
    public const int None = 0;

    private const int MigrationOut = 5;

    public bool IsMigration => Operation == MigrationOut;
}
