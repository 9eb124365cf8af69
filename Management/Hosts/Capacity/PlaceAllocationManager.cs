using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Persistence;
using PciBus.Management.Places;

namespace PciBus.Management.Hosts.Capacity;

/// <summary>
/// Lets a zone, pod or cluster take virtual machines, or not; those that are there stay. Planner and claims go by the capacity rows of its
/// hosts, which say so.
/// </summary>
internal sealed class PlaceAllocationManager(PciBusDbContext database, EventManager events)
{
    public Task<Refusal?> SetZoneAsync(long id, AllocationState wanted, Caller caller, CancellationToken cancellationToken) =>
        SetAsync<Zone>(id, wanted, cluster => cluster.DataCenterId == id, EventTypes.ZoneEdit, caller, cancellationToken);

    public Task<Refusal?> SetPodAsync(long id, AllocationState wanted, Caller caller, CancellationToken cancellationToken) =>
        SetAsync<Pod>(id, wanted, cluster => cluster.PodId == id, EventTypes.PodEdit, caller, cancellationToken);

    public Task<Refusal?> SetClusterAsync(long id, AllocationState wanted, Caller caller, CancellationToken cancellationToken) =>
        SetAsync<Cluster>(id, wanted, cluster => cluster.Id == id, EventTypes.ClusterEdit, caller, cancellationToken);

    /// <param name="within">The clusters of the place.</param>
    private async Task<Refusal?> SetAsync<TPlace>(
        long id, AllocationState wanted, Expression<Func<Cluster, bool>> within, string eventType, Caller caller,
        CancellationToken cancellationToken)
        where TPlace : PlaceRow
    {
        var place = database.Set<TPlace>().Where(row => row.Id == id);
        var rows = await place.Where(row => row.AllocationState != wanted)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.AllocationState, wanted), cancellationToken);
        if (rows == 0) return null;
        await TellHostsAsync(
            await database.Set<Cluster>().Where(within).Select(cluster => cluster.Id).ToListAsync(cancellationToken), cancellationToken);
        var name = await place.Select(row => row.Name).SingleAsync(cancellationToken);
        events.Record(
            eventType, $"{typeof(TPlace).Name.ToLowerInvariant()} {name} is {wanted}", caller, typeof(TPlace).Name, id);
        return null;
    }

    /// <summary>Locks all rows first, and then reads what the hosts and the places around this one say.</summary>
    private async Task TellHostsAsync(List<long> clusterIds, CancellationToken cancellationToken)
    {
        var capacities = database.Set<HostCapacity>().Where(capacity => clusterIds.Contains(capacity.ClusterId));
        await capacities.ExecuteUpdateAsync(
            set => set.SetProperty(capacity => capacity.CapacityState, CapacityState.Disabled)
                .SetProperty(capacity => capacity.UpdateCount, capacity => capacity.UpdateCount + 1),
            cancellationToken);
        var open = database.Set<Cluster>().Where(cluster => cluster.AllocationState == AllocationState.Enabled
            && database.Set<Pod>().Any(pod => pod.Id == cluster.PodId && pod.AllocationState == AllocationState.Enabled)
            && database.Set<Zone>().Any(zone => zone.Id == cluster.DataCenterId && zone.AllocationState == AllocationState.Enabled));
        // The same conditions as when HostCapacityManager offers a host.
        await capacities
            .Where(capacity => open.Any(cluster => cluster.Id == capacity.ClusterId)
                && database.Set<Host>().Any(host => host.Id == capacity.HostId && host.Status == HostStatus.Up
                    && host.ResourceState == ResourceState.Enabled && host.ReportSequence > 0 && host.Removed == null))
            .ExecuteUpdateAsync(set => set.SetProperty(capacity => capacity.CapacityState, CapacityState.Enabled), cancellationToken);
    }
}
