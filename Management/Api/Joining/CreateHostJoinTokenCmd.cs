using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Joining;
using PciBus.Management.Persistence;
using PciBus.Management.Places;

namespace PciBus.Management.Api.Joining;

[ApiCommand(
    "createHostJoinToken",
    "Makes a token with which one host joins (Agent join): a new one of a cluster, or one that is there and needs another password",
    Response = typeof(HostJoinTokenResponse))]
internal sealed class CreateHostJoinTokenCmd(PciBusDbContext database, ApiTransactions transactions) : ApiCommand
{
    private const int Hour = 3600;
    private const int Month = 30 * 24 * Hour;

    [ApiParameter("clusterid", "the cluster of the new host; without it, zone, pod and cluster say which", Entity = typeof(Cluster))]
    public long? ClusterId { get; set; }

    [ApiParameter("zone", "name of its zone; default: default. What is not there is made")]
    public string Zone { get; set; } = "default";

    [ApiParameter("pod", "name of its pod; default: default. What is not there is made")]
    public string Pod { get; set; } = "default";

    [ApiParameter("cluster", "name of its cluster; default: default. What is not there is made")]
    public string Cluster { get; set; } = "default";

    [ApiParameter("hostid", "the only host that it is for: one that addHost has added, or that joins again", Entity = typeof(Host))]
    public long? HostId { get; set; }

    [ApiParameter("lifetime", "for how many seconds it is good; default 3600, 2592000 at most")]
    public int Lifetime { get; set; } = Hour;

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        if (Lifetime is < 1 or > Month)
        {
            throw ApiException.InvalidParameter($"lifetime {Lifetime} is not allowed; allowed is 1 to {Month} seconds");
        }
        var order = new HostJoinTokenOrder(
            Guid.NewGuid(), HostPassword.New(), ClusterId, Zone, Pod, Cluster, HostId, TimeSpan.FromSeconds(Lifetime));
        await transactions.RunAsync<HostJoinTokenManager>(
            tokens => tokens.CreateTokenAsync(order, Caller, cancellationToken), cancellationToken);
        var made = database.Set<HostJoinToken>().AsNoTracking().Where(token => token.Uuid == order.Uuid);
        var answer = await HostJoinTokenQueries.Describe(database, made).SingleAsync(cancellationToken);
        answer.Token = order.Token;
        return ApiAnswer.Of(answer);
    }
}
