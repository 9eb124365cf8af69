using Microsoft.EntityFrameworkCore;
using PciBus.Management.Persistence;
using PciBus.Management.Places;

namespace PciBus.Management.Api.Clusters;

[ApiCommand("listClusters", "Lists clusters", Response = typeof(ClusterResponse))]
internal sealed class ListClustersCmd(PciBusDbContext database) : ApiListCommand
{
    [ApiParameter("id", "the cluster", Entity = typeof(Cluster))]
    public long? Id { get; set; }

    [ApiParameter("name", "the cluster's name")]
    public string? Name { get; set; }

    [ApiParameter("podid", "clusters of this pod", Entity = typeof(Pod))]
    public long? PodId { get; set; }

    [ApiParameter("zoneid", "clusters of this zone", Entity = typeof(Zone))]
    public long? ZoneId { get; set; }

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var clusters = database.Set<Cluster>().AsNoTracking();
        if (Id is { } id) clusters = clusters.Where(cluster => cluster.Id == id);
        if (PodId is { } podId) clusters = clusters.Where(cluster => cluster.PodId == podId);
        if (ZoneId is { } zoneId) clusters = clusters.Where(cluster => cluster.DataCenterId == zoneId);
        if (Word is { } word) clusters = clusters.Where(cluster => cluster.Name.Folded().Contains(word.Folded()));
        clusters = await NamedAsync(clusters, Name, cancellationToken);
        return await ListAsync(
            clusters.OrderBy(cluster => cluster.Name).ThenBy(cluster => cluster.Id),
            page => Describe(database, page),
            cancellationToken);
    }

    /// <summary>Reads a page of clusters with all names, in the order of their names.</summary>
    public static IQueryable<ClusterResponse> Describe(PciBusDbContext database, IQueryable<Cluster> page) => page
        .Join(database.Set<Pod>(), cluster => cluster.PodId, pod => pod.Id, (cluster, pod) => new { cluster, pod })
        .Join(database.Set<Zone>(), row => row.cluster.DataCenterId, zone => zone.Id, (row, zone) => new { row.cluster, row.pod, zone })
        .OrderBy(row => row.cluster.Name).ThenBy(row => row.cluster.Id)
        .Select(row => new ClusterResponse
        {
            Id = row.cluster.Uuid,
            Name = row.cluster.Name,
            PodId = row.pod.Uuid,
            PodName = row.pod.Name,
            ZoneId = row.zone.Uuid,
            ZoneName = row.zone.Name,
            HypervisorType = row.cluster.HypervisorType,
            AllocationState = row.cluster.AllocationState,
        });
}
