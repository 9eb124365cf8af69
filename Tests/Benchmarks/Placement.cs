using PciBus.Management;
using PciBus.Management.Deployment;
using PciBus.Management.Hosts;
using PciBus.Management.PciDevices;
using PciBus.Management.VirtualMachines;

namespace PciBus.Tests.Benchmarks;

/// <summary>One placement as the product makes it: plan, take capacity, claim devices, write their history.</summary>
internal sealed class Placement(DeploymentPlanningManager planning, IEnumerable<IStateListener> listeners, PciDeviceManager devices)
{
    private const long MiB = 1024 * 1024;
    private static readonly TransitionReason Reason = new("benchmark", null, []);

    /// <returns>Null when it was placed; the reason when not.</returns>
    public async Task<Refusal?> PlaceAsync(long vmId, PciDeviceNames request)
    {
        var plan = new DeploymentPlan(1, 100, 64 * MiB, request, "", null);
        if (await planning.PlanDeploymentAsync(plan, ExcludeList.Empty, default) is not { } destination)
        {
            return new Refusal(RefusalCause.InsufficientCapacity, "nothing fits");
        }

        var capacity = listeners.OfType<HostCapacityManager>().Single();
        return await capacity.TakeAsync(vmId, destination.HostId, plan.Cpu, plan.Ram, default)
            ?? await devices.ClaimAsync(vmId, destination.HostId, request, Reason, default);
    }
}
