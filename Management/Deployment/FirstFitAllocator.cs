using PciBus.Management.Hosts.Capacity;

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
