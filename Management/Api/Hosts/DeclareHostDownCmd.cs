using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;

namespace PciBus.Management.Api.Hosts;

[ApiCommand(
    "declareHostDown",
    "Says that a host in Alert or Disconnected is off for certain: its virtual machines become Stopped, those of an offering with offerha "
    + "are started elsewhere, and what they have there is theirs until the host says that they are off",
    Response = typeof(HostResponse))]
internal sealed class DeclareHostDownCmd(PciBusDbContext database, ApiTransactions transactions) : ApiCommand
{
    [ApiParameter("id", "the host", Required = true, Entity = typeof(Host))]
    public long Id { get; set; }

    [ApiParameter("force", "also while another host with the same name or address is heard: they are two machines")]
    public bool Forced { get; set; }

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        await transactions.RunAsync<HostAdministrationManager>(
            hosts => hosts.DeclareDownAsync(Id, Forced, Caller, cancellationToken), cancellationToken);
        var host = database.Set<Host>().AsNoTracking().Where(row => row.Id == Id);
        return ApiAnswer.Of(await HostQueries.Describe(database, host).SingleAsync(cancellationToken));
    }
}
