using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;
using PciBus.Management.Places;

namespace PciBus.Management.Api.VirtualMachines;

/// <summary>A host or a cluster that the caller wants; what the planner checks is left to the planner.</summary>
internal static class HostChoice
{
    /// <exception cref="ApiException">The caller cannot mean this host.</exception>
    public static async Task ValidateAsync(PciBusDbContext database, long? hostId, long zoneId, CancellationToken cancellationToken)
    {
        if (hostId is null) return;
        var host = await database.Set<Host>().AsNoTracking().SingleAsync(row => row.Id == hostId, cancellationToken);
        if (host.Removed is not null) throw ApiErrors.Of(host.Gone());
        if (host.DataCenterId != zoneId) throw ApiException.InvalidParameter($"The host {host.Name} is in another zone");
    }

    /// <summary>As <see cref="ValidateAsync(PciBusDbContext, long?, long, CancellationToken)"/>, of a cluster as well.</summary>
    /// <exception cref="ApiException">The caller cannot mean this host or cluster, or not both of them.</exception>
    public static async Task ValidateAsync(
        PciBusDbContext database, long? hostId, long? clusterId, long zoneId, CancellationToken cancellationToken)
    {
        await ValidateAsync(database, hostId, zoneId, cancellationToken);
        if (clusterId is null) return;
        var cluster = await database.Set<Cluster>().AsNoTracking().SingleAsync(row => row.Id == clusterId, cancellationToken);
        if (cluster.DataCenterId != zoneId) throw ApiException.InvalidParameter($"The cluster {cluster.Name} is in another zone");
        if (hostId is null) return;
        var host = await database.Set<Host>().AsNoTracking().SingleAsync(row => row.Id == hostId, cancellationToken);
        if (host.ClusterId != clusterId)
        {
            throw ApiException.InvalidParameter($"The host {host.Name} is in another cluster than {cluster.Name}");
        }
    }
}
