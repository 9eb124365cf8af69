using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts;
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

    /// <returns>The host, or null when none fits.</returns>
    public async Task<DeployDestination?> PlanDeploymentAsync(DeploymentPlan plan, ExcludeList avoid, CancellationToken cancellationToken)
    {
        return await TryPlanAsync(plan, avoid, cancellationToken)
            ?? (await ReadClassesAsync(cancellationToken) ? await TryPlanAsync(plan, avoid, cancellationToken) : null);
    }

    private async Task<DeployDestination?> TryPlanAsync(DeploymentPlan plan, ExcludeList avoid, CancellationToken cancellationToken)
    {
        var groups = FirstFitPlanner.Order(plan, classes);
        if (groups.Count == 0) return null;
        var hosts = plan.HostId is { } hostId
            ? await ReadHostAsync(hostId, cancellationToken)
            : await ReadPagesAsync(plan, groups, avoid, cancellationToken);
        return groups.Select(group => FirstFitAllocator.Allocate(plan, group, hosts, avoid)).FirstOrDefault(found => found is not null);
    }

    /// <summary>A page of each group, in one query.</summary>
    private Task<List<HostSnapshot>> ReadPagesAsync(
        DeploymentPlan plan, IReadOnlyList<IReadOnlyList<string>> groups, ExcludeList avoid, CancellationToken cancellationToken)
    {
        var tried = avoid.Hosts.Keys.ToList();
        var pages = groups.Select(group => database.Set<HostCapacity>()
            .Where(host => host.DataCenterId == plan.DataCenterId
                && host.CapacityState == CapacityState.Enabled
                && EF.Parameter(group).Contains(host.PlacementClass)
                && host.CpuFree >= plan.Cpu
                && host.RamFree >= plan.Ram
                && !EF.Parameter(tried).Contains(host.HostId))
            .Take(PageSize));
        return Snapshots(pages.Aggregate((one, other) => one.Concat(other))).ToListAsync(cancellationToken);
    }

    private Task<List<HostSnapshot>> ReadHostAsync(long hostId, CancellationToken cancellationToken) =>
        Snapshots(database.Set<HostCapacity>().Where(host => host.HostId == hostId)).ToListAsync(cancellationToken);

    private static IQueryable<HostSnapshot> Snapshots(IQueryable<HostCapacity> hosts) => hosts.AsNoTracking().Select(host =>
        new HostSnapshot(host.HostId, host.DataCenterId, host.CapacityState, host.PlacementClass, host.CpuFree, host.RamFree));

    /// <summary>Before saying no, the classes that other servers made are read.</summary>
    /// <returns>Whether there was one.</returns>
    private async Task<bool> ReadClassesAsync(CancellationToken cancellationToken)
    {
        var any = false;
        foreach (var one in await database.Set<PlacementClass>().AsNoTracking().ToListAsync(cancellationToken)) any |= classes.Add(one);
        return any;
    }
}
