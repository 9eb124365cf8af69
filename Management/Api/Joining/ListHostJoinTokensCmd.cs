using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts.Joining;
using PciBus.Management.Persistence;
using PciBus.Management.Places;

namespace PciBus.Management.Api.Joining;

[ApiCommand(
    "listHostJoinTokens", "Lists join tokens, used ones too; never the tokens themselves", Response = typeof(HostJoinTokenResponse))]
internal sealed class ListHostJoinTokensCmd(PciBusDbContext database) : ApiListCommand
{
    [ApiParameter("id", "the token's id", Entity = typeof(HostJoinToken))]
    public long? Id { get; set; }

    [ApiParameter("clusterid", "tokens for this cluster", Entity = typeof(Cluster))]
    public long? ClusterId { get; set; }

    public override Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var tokens = database.Set<HostJoinToken>().AsNoTracking();
        if (Id is { } id) tokens = tokens.Where(token => token.Id == id);
        if (ClusterId is { } clusterId) tokens = tokens.Where(token => token.ClusterId == clusterId);
        if (Word is { } word) tokens = tokens.Where(token => token.UsedBy != null && token.UsedBy.Folded().Contains(word.Folded()));
        return ListAsync(
            tokens.OrderByDescending(token => token.Id),
            page => HostJoinTokenQueries.Describe(database, page),
            cancellationToken);
    }
}
