using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;

namespace PciBus.Management.Deployment;

/// <summary>
/// Finds a host for a virtual machine. The cost does not grow with the number of hosts: candidates come from an index over
/// (zone, state, placement class, free CPU, free RAM), a page at a time.
/// </summary>
internal sealed class DeploymentPlanningManager(PciBusDbContext database, PlacementClasses classes)
{
    private const int PageSize = 4;

    /// <summary>A page of each of the two groups of classes.</summary>
    private static readonly CompiledQuery<Func<
        PciBusDbContext, long, long, long, IReadOnlyList<string>, IReadOnlyList<string>, IReadOnlyList<long>,
        IAsyncEnumerable<HostSnapshot>>>
        Pages = new(() => EF.CompileAsyncQuery(
            (PciBusDbContext database, long zone, long cpu, long ram, IReadOnlyList<string> usedUp, IReadOnlyList<string> rest,
                IReadOnlyList<long> tried) =>
                database.Set<HostCapacity>()
                    .Where(host => host.DataCenterId == zone && host.CapacityState == CapacityState.Enabled
                        && usedUp.Contains(host.PlacementClass)
                        && host.CpuFree >= cpu && host.RamFree >= ram && !tried.Contains(host.HostId))
                    .Take(PageSize)
                    .Concat(database.Set<HostCapacity>()
                        .Where(host => host.DataCenterId == zone && host.CapacityState == CapacityState.Enabled
                            && rest.Contains(host.PlacementClass)
                            && host.CpuFree >= cpu && host.RamFree >= ram && !tried.Contains(host.HostId))
                        .Take(PageSize))
                    .Select(host => new HostSnapshot(
                        host.HostId, host.DataCenterId, host.CapacityState, host.PlacementClass, host.CpuFree, host.RamFree))));

    /// <summary>The same query within a cluster, which has an index of its own.</summary>
    private static readonly CompiledQuery<Func<
        PciBusDbContext, long, long, long, IReadOnlyList<string>, IReadOnlyList<string>, IReadOnlyList<long>,
        IAsyncEnumerable<HostSnapshot>>>
        PagesOfCluster = new(() => EF.CompileAsyncQuery(
            (PciBusDbContext database, long cluster, long cpu, long ram, IReadOnlyList<string> usedUp, IReadOnlyList<string> rest,
                IReadOnlyList<long> tried) =>
                database.Set<HostCapacity>()
                    .Where(host => host.ClusterId == cluster && host.CapacityState == CapacityState.Enabled
                        && usedUp.Contains(host.PlacementClass)
                        && host.CpuFree >= cpu && host.RamFree >= ram && !tried.Contains(host.HostId))
                    .Take(PageSize)
                    .Concat(database.Set<HostCapacity>()
                        .Where(host => host.ClusterId == cluster && host.CapacityState == CapacityState.Enabled
                            && rest.Contains(host.PlacementClass)
                            && host.CpuFree >= cpu && host.RamFree >= ram && !tried.Contains(host.HostId))
                        .Take(PageSize))
                    .Select(host => new HostSnapshot(
                        host.HostId, host.DataCenterId, host.CapacityState, host.PlacementClass, host.CpuFree, host.RamFree))));

    /// <returns>The host, or null when none fits.</returns>
    public async Task<DeployDestination?> PlanDeploymentAsync(DeploymentPlan plan, ExcludeList avoid, CancellationToken cancellationToken)
    {
        while (true)
        {
            var known = classes.Additions;
            if (await TryPlanAsync(plan, avoid, cancellationToken) is { } destination) return destination;
            await ReadClassesAsync(cancellationToken);
            // Says no only when every class was looked at: during the search hosts may have gone on to new classes.
            if (classes.Additions == known) return null;
        }
    }

    private async Task<DeployDestination?> TryPlanAsync(DeploymentPlan plan, ExcludeList avoid, CancellationToken cancellationToken)
    {
        var groups = FirstFitPlanner.Order(plan, classes);
        if (groups is { UsedUp: [], Rest: [] }) return null;
        var hosts = plan switch
        {
            { HostId: { } hostId } => await ReadHostAsync(hostId, plan.ClusterId, cancellationToken),
            { ClusterId: { } clusterId } => await PagesOfCluster.On(database)(
                database, clusterId, plan.Cpu, plan.Ram, groups.UsedUp, groups.Rest, [.. avoid.Hosts.Keys]).ToListAsync(cancellationToken),
            _ =>
                await Pages.On(database)(database, plan.DataCenterId, plan.Cpu, plan.Ram, groups.UsedUp, groups.Rest, [.. avoid.Hosts.Keys])
                .ToListAsync(cancellationToken),
        };
        return FirstFitAllocator.Allocate(plan, groups.UsedUp, hosts, avoid) ?? FirstFitAllocator.Allocate(plan, groups.Rest, hosts, avoid);
    }

    private Task<List<HostSnapshot>> ReadHostAsync(long hostId, long? clusterId, CancellationToken cancellationToken) =>
        database.Set<HostCapacity>()
        .Where(host => host.HostId == hostId && (clusterId == null || host.ClusterId == clusterId))
        .Select(host => new HostSnapshot(
            host.HostId, host.DataCenterId, host.CapacityState, host.PlacementClass, host.CpuFree, host.RamFree))
        .ToListAsync(cancellationToken);

    /// <summary>Before it says no, the planner reads the classes that other servers made.</summary>
    private async Task ReadClassesAsync(CancellationToken cancellationToken) =>
        classes.Replace(await database.Set<PlacementClass>().AsNoTracking().ToListAsync(cancellationToken));
}
