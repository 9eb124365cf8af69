using PciBus.Management.PciDevices;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Workflows;

/// <summary>
/// Carries out what workflows decide about single devices of running virtual machines, and turns the outcome into events.
/// </summary>
internal sealed class PciDevicePlanner(PciDeviceHotplugManager devices, DegradationManager degradation, WorkflowOptions options)
{
    public async Task<EffectResult> CarryOutAsync(
        PciDeviceEffect effect, Workflow row, VirtualMachine vm, CancellationToken cancellationToken)
    {
        switch (effect)
        {
            case FindPciDevice find:
                var (found, whyNot) = await devices.FindAsync(vm, find.HostId, find.DeviceId, cancellationToken);
                return found is null
                    ? new EffectResult(null, new NothingFits(whyNot!))
                    : new EffectResult(null, new Planned(find.HostId) { Device = Chosen(found, isNew: false) });
            case ClaimPciDevice claim:
                return await ClaimAsync(claim, row, vm, cancellationToken);
            case ReleasePciDevice release:
                var reason = new TransitionReason(release.Why, row.JobId, [release.Evidence]);
                await devices.ReleaseAsync(vm, release.DeviceId, release.Evidence, release.ByHand, reason, cancellationToken);
                return EffectResult.Done;
            case NoteAttached attached:
                await devices.NoteAttachedAsync(vm, attached.DeviceId, attached.Session, attached.Sequence, cancellationToken);
                return EffectResult.Done;
            case CountRepair:
                degradation.CountTry(vm, options.RepairRetryInterval);
                return EffectResult.Done;
            case JudgePciDevices:
                await degradation.JudgeAsync(vm, cancellationToken);
                return EffectResult.Done;
            default:
                throw new InvalidOperationException($"Nobody carries out {effect.GetType().Name}");
        }
    }

    private async Task<EffectResult> ClaimAsync(ClaimPciDevice claim, Workflow row, VirtualMachine vm, CancellationToken cancellationToken)
    {
        var reason = new TransitionReason("attached while it runs", row.JobId, []);
        var claimed = await devices.ClaimAsync(vm, claim.HostId, claim.Name, claim.DeviceId, claim.Tried, reason, cancellationToken);
        if (claimed.Refusal is not null) return new EffectResult(claimed.Refusal);
        return new EffectResult(null, claimed.Device is { } device
            ? new Planned(claim.HostId) { Device = Chosen(device, claimed.IsNew) }
            : new NothingFits(claimed.WhyNot!));
    }

    private static ChosenDevice Chosen(PciDevice device, bool isNew) =>
        new(device.Id, device.AddressText, device.ClaimedName ?? device.Name, isNew);
}
