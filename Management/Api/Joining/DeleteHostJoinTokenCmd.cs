using PciBus.Management.Hosts.Joining;

namespace PciBus.Management.Api.Joining;

[ApiCommand("deleteHostJoinToken", "Deletes a join token that no host has used")]
internal sealed class DeleteHostJoinTokenCmd(ApiTransactions transactions) : ApiCommand
{
    [ApiParameter("id", "the token's id", Required = true, Entity = typeof(HostJoinToken))]
    public long Id { get; set; }

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        await transactions.RunAsync<HostJoinTokenManager>(
            tokens => tokens.DeleteTokenAsync(Id, Caller, cancellationToken), cancellationToken);
        return ApiAnswer.Success();
    }
}
