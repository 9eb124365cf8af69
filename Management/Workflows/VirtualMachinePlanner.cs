using PciBus.Contracts.PciDevices;
using PciBus.Management.Deployment;
using PciBus.Management.Hosts;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Workflows;

/// <summary>Turns what a virtual machine needs into a plan, and the plan's outcome into an event.</summary>
internal sealed class VirtualMachinePlanner(
    PciBusDbContext database, DeploymentPlanningManager planning, PlacementExplanation explanation, PciDeviceManager devices, WorkflowOptions options)
{
    public async Task<EffectResult> PlanAsync(VirtualMachine vm, Plan plan, StepContext context)
    {
        var offering = await database.RowAsync<ServiceOffering>(vm.ServiceOfferingId, context.CancellationToken);
        var needed = await devices.NeededAsync(vm, context.CancellationToken);
        if (plan.LeavingHostId is not null && WhyNotMigrated(vm, offering, needed) is { } why)
        {
            return new EffectResult(new Refusal(RefusalCause.InvalidParameter, why));
        }

        var deployment = await DeploymentAsync(vm, offering, needed, plan, context.CancellationToken);
        var avoid = context.Refusals
            .Where(refusal => refusal is { Cause: RefusalCause.InsufficientCapacity, HostId: not null })
            .Aggregate(plan.Avoid, (list, refusal) => list.Add(refusal.HostId!.Value, refusal.Text));
        return new EffectResult(null, await planning.PlanDeploymentAsync(deployment, avoid, context.CancellationToken) is { } destination
            ? new Planned(destination.HostId) { WithDevices = !needed.IsEmpty }
            : new NothingFits(await explanation.ExplainAsync(deployment, avoid, context.CancellationToken)));
    }

    /// <summary>Carries out <see cref="ExchangeDevices"/>.</summary>
    public async Task<EffectResult> ExchangeAsync(VirtualMachine vm, ExchangeDevices exchange, long? jobId, StepContext context)
    {
        var evidence = exchange.Evidence with
        {
            Untouched = false,
            Cleaned = [.. exchange.Failed.Select(device => new PciDeviceCleaning { Address = device.Key, Reason = $"it could not be attached to {vm.Name}: {device.Value}" })],
        };
        var reason = new TransitionReason("it could not be attached", jobId, [evidence]);
        var (refusal, taken, missing) = await devices.ExchangeAsync(vm, evidence, exchange.Replace, reason, context.CancellationToken);
        var reasons = string.Join("; ", exchange.Failed.Select(device => $"{device.Key}: {device.Value}"));
        var why = missing.IsEmpty ? null : $"{missing.Listed} ({reasons})";
        return new EffectResult(refusal, taken.Equals(missing) ? new NothingFits(why ?? reasons) : new Planned(exchange.HostId) { WithDevices = true, Missing = why });
    }

    /// <summary>Why a virtual machine of an offering is not migrated with its devices; null when it is.</summary>
    public static string? WhyNotMigrated(VirtualMachine vm, ServiceOffering offering, PciDeviceNames needed) =>
        needed.IsEmpty || offering.PciMigration == PciMigration.DetachAttach
            ? null
            : $"Unsupported operation, {vm.Name} has PCI devices ({needed.Listed}) and its offering {offering.Name} has pcimigration=Forbid: "
                + "it is not migrated live. Offerings with pcimigration=DetachAttach take the devices away for the time of a migration";

    /// <summary>Within the cluster, unless migrations may leave it.</summary>
    private async Task<DeploymentPlan> DeploymentAsync(
        VirtualMachine vm, ServiceOffering offering, PciDeviceNames needed, Plan plan, CancellationToken cancellationToken)
    {
        var deployment = new DeploymentPlan(
            vm.DataCenterId, HostCapacityManager.CpuOf(offering), HostCapacityManager.RamOf(offering), needed, offering.HostTags, plan.HostId);
        if (plan.LeavingHostId is not { } leaving) return deployment;
        var cluster = options.MigrateAcrossClusters ? null : (long?)(await database.RowAsync<Host>(leaving, cancellationToken)).ClusterId;
        return deployment with { ClusterId = cluster, LeavingHostId = leaving };
    }
}
