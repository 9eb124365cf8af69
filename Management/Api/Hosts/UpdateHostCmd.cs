using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;

namespace PciBus.Management.Api.Hosts;

[ApiCommand("updateHost", "Lets a host take new virtual machines, or not; those it has stay", Response = typeof(HostResponse))]
internal sealed class UpdateHostCmd(PciBusDbContext database, ApiTransactions transactions) : ApiCommand
{
    [ApiParameter("id", "the host", Required = true, Entity = typeof(Host))]
    public long Id { get; set; }

    [ApiParameter("allocationstate", "Enable or Disable")]
    public HostAllocation? AllocationState { get; set; }

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        if (AllocationState is { } wanted)
        {
            await transactions.RunAsync<HostAdministrationManager>(
                hosts => hosts.EnableAsync(Id, wanted == HostAllocation.Enable, Caller, cancellationToken), cancellationToken);
        }

        var host = database.Set<Host>().AsNoTracking().Where(row => row.Id == Id && row.Removed == null);
        return ApiAnswer.Of(await HostQueries.Describe(database, host).SingleOrDefaultAsync(cancellationToken)
            ?? throw ApiException.InvalidParameter("The host was deleted"));
    }
}
