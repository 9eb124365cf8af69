using PciBus.Agent.Hypervisor;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Commands;

/// <summary>What one look at the hypervisor showed of a VM.</summary>
/// <param name="Observed">What it means; Off is evidence.</param>
/// <param name="Domain">The domain; null when there is none, or when the hypervisor could not be asked.</param>
/// <param name="Trouble">Why the hypervisor could not be asked, or what keeps the VM from being judged; null for nothing.</param>
internal sealed record Sighting(Observation Observed, Domain? Domain, string? Trouble);
