using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Joining;
using PciBus.Management.Persistence;
using PciBus.Management.Places;

namespace PciBus.Management.Api.Joining;

/// <summary>Describes join tokens for callers.</summary>
internal static class HostJoinTokenQueries
{
    /// <summary>The newest first; nobody knows the tokens themselves any more.</summary>
    public static IQueryable<HostJoinTokenResponse> Describe(PciBusDbContext database, IQueryable<HostJoinToken> tokens) =>
        from token in tokens
        join cluster in database.Set<Cluster>() on token.ClusterId equals cluster.Id
        orderby token.Id descending
        select new HostJoinTokenResponse
        {
            Id = token.Uuid,
            ClusterId = cluster.Uuid,
            ClusterName = cluster.Name,
            HostId = database.Set<Host>().Where(host => host.Id == token.HostId).Select(host => (Guid?)host.Uuid).FirstOrDefault(),
            Created = token.Created,
            Expires = token.Expires,
            Used = token.Used,
            UsedBy = token.UsedBy,
        };
}
