using Microsoft.EntityFrameworkCore;
using PciBus.Management.Persistence;
using PciBus.Management.Places;

namespace PciBus.Management.Api.Pods;

[ApiCommand("listPods", "Lists pods", Response = typeof(PodResponse))]
internal sealed class ListPodsCmd(PciBusDbContext database) : ApiListCommand
{
    [ApiParameter("id", "the pod", Entity = typeof(Pod))]
    public long? Id { get; set; }

    [ApiParameter("name", "the pod's name")]
    public string? Name { get; set; }

    [ApiParameter("zoneid", "pods of this zone", Entity = typeof(Zone))]
    public long? ZoneId { get; set; }

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var pods = database.Set<Pod>().AsNoTracking();
        if (Id is { } id) pods = pods.Where(pod => pod.Id == id);
        if (ZoneId is { } zoneId) pods = pods.Where(pod => pod.DataCenterId == zoneId);
        if (Word is { } word) pods = pods.Where(pod => pod.Name.Folded().Contains(word.Folded()));
        pods = await NamedAsync(pods, Name, cancellationToken);
        return await ListAsync(
            pods.OrderBy(pod => pod.Name).ThenBy(pod => pod.Id), page => Describe(database, page), cancellationToken);
    }

    /// <summary>Reads a page of pods with all names, in the order of their names.</summary>
    public static IQueryable<PodResponse> Describe(PciBusDbContext database, IQueryable<Pod> page) => page
        .Join(database.Set<Zone>(), pod => pod.DataCenterId, zone => zone.Id, (pod, zone) => new { pod, zone })
        .OrderBy(row => row.pod.Name).ThenBy(row => row.pod.Id)
        .Select(row => new PodResponse
        {
            Id = row.pod.Uuid,
            Name = row.pod.Name,
            ZoneId = row.zone.Uuid,
            ZoneName = row.zone.Name,
            AllocationState = row.pod.AllocationState,
        });
}
