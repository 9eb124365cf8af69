namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>The job that a domain is in, e.g. a migration.</summary>
/// <param name="IsActive">It is under way; false also when there is none.</param>
/// <param name="Elapsed">Time since it began.</param>
/// <param name="MemoryTotal">RAM to carry over, in bytes.</param>
/// <param name="MemoryRemaining">What is left of it; grows while the guest writes.</param>
internal sealed record LibvirtJob(bool IsActive, TimeSpan Elapsed, ulong MemoryTotal, ulong MemoryRemaining);
