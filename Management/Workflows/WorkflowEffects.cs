using PciBus.Management.Events;
using PciBus.Management.Jobs;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Workflows;

/// <summary>Carries out what workflows decide, in the transaction of the step.</summary>
internal sealed class WorkflowEffects(
    VirtualMachineManager virtualMachines,
    SightingManager sightings,
    VirtualMachinePlanner planner,
    PciDevicePlanner devices,
    CommandWriter commands,
    AsyncJobManager jobs,
    AlertManager alerts)
{
    public async Task<EffectResult> CarryOutAsync(WorkflowEffect effect, Workflow row, VirtualMachine vm, StepContext context)
    {
        switch (effect)
        {
            case Plan plan:
                return await planner.PlanAsync(vm, plan, context);
            case Transit transit:
                var reason = new TransitionReason(transit.Why, row.JobId, transit.Evidence);
                return new EffectResult(
                    await virtualMachines.TransitAsync(vm, transit.Event, transit.HostId, reason, context.CancellationToken));
            case Release release:
                await virtualMachines.OffAsync(
                    vm, release.Evidence, new TransitionReason(release.Why, row.JobId, [release.Evidence]), context.CancellationToken);
                return EffectResult.Done;
            case NoteSighting seen:
                await sightings.SeeAsync(vm, seen.HostId, seen.Session, seen.Sequence, context.CancellationToken);
                return EffectResult.Done;
            case Send send:
                var isSent = await commands.WriteAsync(send, row, vm, context.CancellationToken);
                return isSent ? EffectResult.Done : new EffectResult(null, new HostDown(send.HostId));
            case SendAgain again:
                await commands.WriteAgainAsync(again, row, context.CancellationToken);
                return EffectResult.Done;
            case SetDeadline deadline:
                await commands.SetDeadlineAsync(deadline, row, context.CancellationToken);
                return EffectResult.Done;
            case EndJob end:
                if (row.JobId is { } jobId) await jobs.EndAsync(jobId, end.Failure, end.Remark, context.CancellationToken);
                return EffectResult.Done;
            case RecordEvent recorded:
                if (row.JobId is { } ofJob) await jobs.RecordEventAsync(ofJob, recorded.Text, recorded.Level, context.CancellationToken);
                return EffectResult.Done;
            case ExchangeDevices exchange:
                return await planner.ExchangeAsync(vm, exchange, row.JobId, context);
            case PciDeviceEffect single:
                return await devices.CarryOutAsync(single, row, vm, context.CancellationToken);
            case RaiseAlert alert:
                await alerts.RaiseAsync(alert.Type, alert.Subject, alert.Body, alert.HostId, vm.Id, context.CancellationToken);
                return EffectResult.Done;
            default:
                throw new InvalidOperationException($"Nobody carries out {effect.GetType().Name}");
        }
    }

    /// <summary>Ends the alerts about these hosts: a workflow that was parked goes on, or has ended, and waits for them no more.</summary>
    public async Task EndWaitAsync(VirtualMachine vm, IEnumerable<long> hostIds, CancellationToken cancellationToken)
    {
        foreach (var hostId in hostIds) await alerts.EndAsync(AlertType.WaitingForHost, hostId, vm.Id, cancellationToken);
    }
}
