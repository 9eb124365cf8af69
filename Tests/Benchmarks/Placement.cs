using Microsoft.EntityFrameworkCore;
using PciBus.Management;
using PciBus.Management.Deployment;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;

namespace PciBus.Tests.Benchmarks;

/// <summary>One placement as the product makes it: plan, take capacity, claim devices, write their history.</summary>
internal sealed class Placement(
    DeploymentPlanningManager planning,
    HostCapacityManager capacity,
    PciDeviceManager devices,
    VirtualMachineManager virtualMachines,
    PciBusDbContext database)
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

        return await capacity.TakeAsync(vmId, plan.DataCenterId, destination.HostId, plan.Cpu, plan.Ram, default)
            ?? await devices.ClaimAsync(vmId, destination.HostId, request, Reason, default);
    }

    /// <summary>Takes back what a virtual machine was given, so that the next placement finds the scene as this one did.</summary>
    public async Task GiveBackAsync(long vmId)
    {
        var vm = await virtualMachines.LoadAsync(vmId, default);
        var hostId = await database.Set<HostCapacityOfVm>().Where(row => row.VmId == vmId).Select(row => row.HostId).SingleAsync();
        await virtualMachines.OffAsync(vm, new OffEvidence(hostId, 0, 0, Untouched: true, []), Reason, default);
    }
}
