using Microsoft.EntityFrameworkCore;
using PciBus.Management.Api.Templates;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Joining;
using PciBus.Management.Persistence;
using PciBus.Management.Places;

namespace PciBus.Management.Api.Hosts;

[ApiCommand(
    "addHost",
    "Adds a host before its agent speaks; the agent joins with a token for it (createHostJoinToken with hostid, or with its cluster)",
    Response = typeof(HostResponse))]
internal sealed class AddHostCmd(PciBusDbContext database, ApiTransactions transactions) : ApiCommand
{
    [ApiParameter("zoneid", "its zone", Required = true, Entity = typeof(Zone))]
    public long ZoneId { get; set; }

    [ApiParameter("podid", "its pod", Required = true, Entity = typeof(Pod))]
    public long PodId { get; set; }

    [ApiParameter("clusterid", "its cluster; or clustername", Entity = typeof(Cluster))]
    public long? ClusterId { get; set; }

    [ApiParameter("clustername", "name of its cluster in the pod; or clusterid")]
    public string? ClusterName { get; set; }

    [ApiParameter("hypervisor", "KVM", Required = true)]
    public TemplateHypervisor Hypervisor { get; set; }

    [ApiParameter("url", "http://NAME: the name of the host", Required = true)]
    public string Url { get; set; } = "";

    [ApiParameter("guid", "the guid in its agent.properties; default: its name")]
    public string? HostGuid { get; set; }

    [ApiParameter("username", "not needed: management does not log in on hosts")]
    public string? UserName { get; set; }

    [ApiParameter("password", "not needed: management does not log in on hosts")]
    public string? Password { get; set; }

    [ApiParameter("allocationstate", "Enable or Disable; default Enable")]
    public HostAllocation AllocationState { get; set; } = HostAllocation.Enable;

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var name = Uri.TryCreate(Url, UriKind.Absolute, out var url) && url.Host.Length > 0
            ? NameIn(Url, url.Host)
            : throw ApiException.InvalidParameter($"url {Url} is not allowed; allowed is http://NAME");
        var clusterId = await ClusterAsync(cancellationToken);
        var guid = HostGuid ?? name;
        await transactions.RunAsync<HostJoinManager>(
            joins =>
                joins.AddHostAsync(guid, name, clusterId, AllocationState == HostAllocation.Enable, cancellationToken), cancellationToken);
        var made = database.Set<Host>().AsNoTracking().Where(host => host.Guid == guid && host.Removed == null);
        return ApiAnswer.List(1, await HostQueries.Describe(database, made).ToListAsync(cancellationToken));
    }

    /// <summary>A host's name in its url is in lower case however it was written; the agent reports the name as it is.</summary>
    private static string NameIn(string url, string host)
    {
        var at = url.IndexOf(host, url.IndexOf("//", StringComparison.Ordinal) + 1, StringComparison.OrdinalIgnoreCase);
        return at < 0 ? host : url.Substring(at, host.Length);
    }

    private async Task<long> ClusterAsync(CancellationToken cancellationToken)
    {
        if ((ClusterId is null) == (ClusterName is null)) throw ApiException.InvalidParameter("One of clusterid and clustername is needed");
        var inPod = database.Set<Cluster>().Where(cluster => cluster.PodId == PodId && cluster.DataCenterId == ZoneId);
        var ids = ClusterId is { } id ? inPod.Where(cluster => cluster.Id == id) : inPod.Where(cluster => cluster.Name == ClusterName);
        return await ids.Select(cluster => (long?)cluster.Id).SingleOrDefaultAsync(cancellationToken)
            ?? throw ApiException.InvalidParameter(
                $"There is no such cluster{(ClusterName is null ? "" : $" \"{ClusterName}\"")} in that pod of that zone");
    }
}
