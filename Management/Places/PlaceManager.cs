using Microsoft.EntityFrameworkCore;
using PciBus.Management.Persistence;

namespace PciBus.Management.Places;

/// <summary>Finds clusters by their names, and makes missing ones, with their zones and pods.</summary>
internal sealed class PlaceManager(PciBusDbContext database, TimeProvider time)
{
    private static readonly CompiledQuery<Func<PciBusDbContext, string, string, string, CancellationToken, Task<Cluster?>>> ClusterByNames =
        new(() => EF.CompileAsyncQuery((PciBusDbContext database, string zone, string pod, string cluster, CancellationToken _) =>
            database.Set<Cluster>().SingleOrDefault(row => row.Name == cluster
                && database.Set<Pod>().Any(one => one.Id == row.PodId && one.Name == pod)
                && database.Set<Zone>().Any(one => one.Id == row.DataCenterId && one.Name == zone))));

    private static readonly CompiledQuery<long, Place> PlaceOf = new((database, clusterId, _) =>
        database.Set<Cluster>()
            .Where(cluster => cluster.Id == clusterId)
            .Join(database.Set<Pod>(), cluster => cluster.PodId, pod => pod.Id, (cluster, pod) => new { cluster, pod })
            .Join(
                database.Set<Zone>(),
                pair => pair.cluster.DataCenterId,
                zone => zone.Id,
                (pair, zone) => new Place(zone.Name, pair.pod.Name, pair.cluster.Name))
            .Single());

    /// <summary>The names of a cluster that is there.</summary>
    public Task<Place> PlaceOfAsync(long clusterId, CancellationToken cancellationToken) =>
        PlaceOf.ReadAsync(database, clusterId, cancellationToken);

    /// <summary>The clusters of a zone that take no virtual machines, each with the part of its place that is Disabled.</summary>
    public async Task<IReadOnlyDictionary<long, string>> ClosedAsync(long zoneId, CancellationToken cancellationToken)
    {
        var closed = await database.Set<Cluster>()
            .Where(cluster => cluster.DataCenterId == zoneId)
            .Join(database.Set<Pod>(), cluster => cluster.PodId, pod => pod.Id, (cluster, pod) => new { cluster, pod })
            .Join(
                database.Set<Zone>(),
                pair => pair.cluster.DataCenterId,
                zone => zone.Id,
                (pair, zone) => new { pair.cluster, pair.pod, zone })
            .Where(row => row.cluster.AllocationState == AllocationState.Disabled || row.pod.AllocationState == AllocationState.Disabled
                || row.zone.AllocationState == AllocationState.Disabled)
            .Select(row => new
            {
                row.cluster.Id,
                Cluster = row.cluster.Name,
                Pod = row.pod.Name,
                Zone = row.zone.Name,
                PodState = row.pod.AllocationState,
                ZoneState = row.zone.AllocationState,
            })
            .ToListAsync(cancellationToken);
        return closed.ToDictionary(row => row.Id, row => row switch
        {
            { ZoneState: AllocationState.Disabled } => $"zone {row.Zone} is Disabled",
            { PodState: AllocationState.Disabled } => $"pod {row.Pod} is Disabled",
            _ => $"cluster {row.Cluster} is Disabled",
        });
    }

    /// <summary>The cluster of these names; null when there is none.</summary>
    public Task<Cluster?> FindClusterAsync(Place place, CancellationToken cancellationToken) =>
        ClusterByNames.On(database)(database, place.Zone, place.Pod, place.Cluster, cancellationToken);

    /// <summary>The cluster of these names, which is made with its zone and pod when it is not there.</summary>
    /// <param name="hypervisorType">Of a cluster that is made.</param>
    public async Task<Cluster> EnsureClusterAsync(Place place, string hypervisorType, CancellationToken cancellationToken) =>
        await FindClusterAsync(place, cancellationToken) ?? await CreateClusterAsync(place, hypervisorType, cancellationToken);

    private async Task<Cluster> CreateClusterAsync(Place place, string hypervisorType, CancellationToken cancellationToken)
    {
        var (zoneName, podName, clusterName) = place;
        var now = time.GetUtcNow();
        var zone = await EnsureAsync(
            database.Set<Zone>().Where(row => row.Name == zoneName),
            () => new Zone { Uuid = Guid.NewGuid(), Name = zoneName, Created = now },
            cancellationToken);
        var pod = await EnsureAsync(
            database.Set<Pod>().Where(row => row.DataCenterId == zone.Id && row.Name == podName),
            () => new Pod { Uuid = Guid.NewGuid(), Name = podName, DataCenterId = zone.Id, Created = now },
            cancellationToken);
        return await EnsureAsync(
            database.Set<Cluster>().Where(row => row.PodId == pod.Id && row.Name == clusterName),
            () => new Cluster
            {
                Uuid = Guid.NewGuid(),
                Name = clusterName,
                PodId = pod.Id,
                DataCenterId = zone.Id,
                HypervisorType = hypervisorType,
                Created = now,
            },
            cancellationToken);
    }

    private async Task<T> EnsureAsync<T>(IQueryable<T> existing, Func<T> create, CancellationToken cancellationToken) where T : class
    {
        if (await existing.SingleOrDefaultAsync(cancellationToken) is { } row) return row;
        var made = create();
        database.Add(made);
        await database.SaveChangesAsync(cancellationToken);
        return made;
    }
}
