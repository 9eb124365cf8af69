using PciBus.Contracts.PciDevices;

namespace PciBus.Management.VirtualMachines;

/// <summary>
/// Proof that a host does not run a virtual machine: the host's own answer in its current session, or a command that could have made it run
/// there and is known never to have been delivered or begun. Nothing is released without such proof.
/// </summary>
/// <param name="HostId">The host it is about, and from.</param>
/// <param name="Session">Session of the answer; 0 when the command was never delivered.</param>
/// <param name="Sequence">Sequence of the answer in its session: earlier reports of the host are older.</param>
/// <param name="Untouched">The devices were never given to a domain, so they need no cleaning.</param>
/// <param name="Cleaned">How the devices came out of their reset; a device that is not named has not been reset.</param>
internal sealed record OffEvidence(
    long HostId, long Session, long Sequence, bool Untouched, IReadOnlyList<PciDeviceCleaning> Cleaned);
