using PciBus.Management.Hosts.Capacity;
using PciBus.Management.PciDevices;

namespace PciBus.Management.Deployment;

/// <summary>Takes the first host that fits.</summary>
internal static class FirstFitAllocator
{
    public static DeployDestination? Allocate(
        DeploymentPlan plan, IReadOnlyList<string> fittingClasses, IEnumerable<HostSnapshot> hosts, ExcludeList avoid) =>
        hosts.FirstOrDefault(host => Fits(plan, fittingClasses, host, avoid)) is { } host ? new DeployDestination(host.HostId) : null;

    private static bool Fits(DeploymentPlan plan, IReadOnlyList<string> fittingClasses, HostSnapshot host, ExcludeList avoid) =>
        !avoid.ShouldAvoid(host.HostId)
        && (plan.HostId is null || plan.HostId == host.HostId)
        && host.DataCenterId == plan.DataCenterId
        && host.State == CapacityState.Enabled
        && host.CpuFree >= plan.Cpu
        && host.RamFree >= plan.Ram
        && fittingClasses.Contains(host.Class);
}

/// <summary>A host as the allocator sees it.</summary>
/// <param name="Class">Digest of its <see cref="PlacementClass"/>.</param>
/// <param name="CpuFree">MHz.</param>
/// <param name="RamFree">Bytes.</param>
internal sealed record HostSnapshot(long HostId, long DataCenterId, CapacityState State, string Class, long CpuFree, long RamFree);
