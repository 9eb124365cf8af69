using PciBus.Agent.Hypervisor;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Commands;

/// <summary>What one look at the hypervisor showed of a VM.</summary>
/// <param name="Observed">What it means; Off is evidence.</param>
/// <param name="Domain">The domain; null when there is none, or when one could not look.</param>
/// <param name="Trouble">Why one could not look, or not say; null when one could.</param>
internal sealed record Sighting(Observation Observed, Domain? Domain, string? Trouble);
