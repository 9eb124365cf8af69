namespace PciBus.Management.VirtualMachines;

/// <summary>Why a virtual machine changes, for whom, and what is known for sure.</summary>
/// <param name="Why">For histories and events, e.g. "start failed on kvm1".</param>
/// <param name="JobId">The job that asked for it; null when nobody did.</param>
/// <param name="Evidence">Hosts that are known not to run it.</param>
internal sealed record TransitionReason(string Why, long? JobId, IReadOnlyList<OffEvidence> Evidence);
