namespace PciBus.Agent.Hypervisor;

/// <summary>How far the migration of a domain to another host is.</summary>
/// <param name="MemoryTotal">RAM to carry over, in bytes.</param>
/// <param name="MemoryRemaining">RAM that is left to carry over; it grows while the guest writes.</param>
internal sealed record MigrationJob(long MemoryTotal, long MemoryRemaining);
