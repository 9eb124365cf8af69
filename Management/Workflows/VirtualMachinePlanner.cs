using PciBus.Contracts.PciDevices;
using PciBus.Management.Deployment;
using PciBus.Management.Hosts;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Workflows;

/// <summary>Turns a virtual machine's offering into a plan, and the plan's outcome into an event.</summary>
internal sealed class VirtualMachinePlanner(
    PciBusDbContext database,
    DeploymentPlanningManager planning,
    PlacementExplanationManager explanation,
    PciDeviceManager devices,
    WorkflowOptions options)
{
    public async Task<EffectResult> PlanAsync(VirtualMachine vm, Plan plan, StepContext context)
    {
        var offering = await database.RowAsync<ServiceOffering>(vm.ServiceOfferingId, context.CancellationToken);
        var needed = await devices.NeededAsync(vm, context.CancellationToken);
        if (plan.LeavingHostId is not null && MigrationPolicy.WhyNot(vm, offering, needed) is { } why)
        {
            return new EffectResult(Refusal.InvalidParameter(why));
        }

        var wanted = DeploymentPlan.Of(vm, offering, needed, plan.HostId) with { ClusterId = plan.ClusterId };
        var deployment = await WithinAsync(wanted, plan.LeavingHostId, context.CancellationToken);
        var avoid = context.Refusals
            .Where(refusal => refusal is { Cause: RefusalCause.InsufficientCapacity, HostId: not null })
            .Aggregate(plan.Avoid, (list, refusal) => list.Add(refusal.HostId!.Value, refusal.Text));
        return new EffectResult(null, await planning.PlanDeploymentAsync(deployment, avoid, context.CancellationToken) is { } destination
            ? new Planned(destination.HostId) { WithDevices = !deployment.PciDevices.IsEmpty }
            : new NothingFits(await explanation.ExplainAsync(deployment, avoid, NamedOtherwise(plan), context.CancellationToken)));
    }

    /// <summary>Carries out <see cref="ExchangeDevices"/>.</summary>
    public async Task<EffectResult> ExchangeAsync(VirtualMachine vm, ExchangeDevices exchange, long? jobId, StepContext context)
    {
        var evidence = exchange.Evidence with
        {
            Untouched = false,
            Cleaned =
            [
                .. exchange.Failed.Select(device => new PciDeviceCleaning
                {
                    Address = device.Key,
                    Reason = $"it could not be attached to {vm.Name}: {device.Value}",
                }),
            ],
        };
        var reason = new TransitionReason("it could not be attached", jobId, [evidence]);
        var (refusal, taken, missing) = await devices.ExchangeAsync(vm, evidence, exchange.Replace, reason, context.CancellationToken);
        var reasons = string.Join("; ", exchange.Failed.Select(device => $"{device.Key}: {device.Value}"));
        var why = missing.IsEmpty ? null : $"{missing.Listed} ({reasons})";
        return new EffectResult(
            refusal,
            taken.Equals(missing) ? new NothingFits(why ?? reasons) : new Planned(exchange.HostId) { WithDevices = true, Missing = why });
    }

    /// <summary>The hosts that a workflow has tried: it tells what was wrong with them. The host that it leaves is none of them.</summary>
    private static IReadOnlyCollection<long> NamedOtherwise(Plan plan) =>
        [.. plan.Avoid.Hosts.Keys.Where(hostId => hostId != plan.LeavingHostId)];

    /// <summary>A migration stays within the cluster, unless migrations may leave it.</summary>
    private async Task<DeploymentPlan> WithinAsync(DeploymentPlan plan, long? leavingHostId, CancellationToken cancellationToken)
    {
        if (leavingHostId is not { } leaving) return plan;
        var cluster = options.MigrateAcrossClusters ? null : (long?)(await database.RowAsync<Host>(leaving, cancellationToken)).ClusterId;
        return plan with { ClusterId = cluster, LeavingHostId = leaving };
    }
}
