using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;

namespace PciBus.Management.Api.Hosts;

[ApiCommand(
    "updateHost",
    "Lets a host take new virtual machines, or not; says that it was installed anew, or is another machine",
    Response = typeof(HostResponse))]
internal sealed class UpdateHostCmd(PciBusDbContext database, ApiTransactions transactions) : ApiCommand
{
    [ApiParameter("id", "the host", Required = true, Entity = typeof(Host))]
    public long Id { get; set; }

    [ApiParameter("allocationstate", "Enable or Disable")]
    public HostAllocation? AllocationState { get; set; }

    [ApiParameter("guid", "the guid of the host now that it was installed anew; virtual machines, devices and claims stay")]
    public string? Guid { get; set; }

    [ApiParameter("machine", "the machine that the host is now; only for a host that was declared down")]
    public string? Machine { get; set; }

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        await transactions.RunAsync<HostAdministrationManager>(
            hosts =>
                hosts.UpdateAsync(
                    Id, AllocationState is { } wanted ? wanted == HostAllocation.Enable : null, Guid, Machine, Caller, cancellationToken),
            cancellationToken);
        var host = database.Set<Host>().AsNoTracking().Where(row => row.Id == Id && row.Removed == null);
        return ApiAnswer.Of(await HostQueries.Describe(database, host).SingleOrDefaultAsync(cancellationToken)
            ?? throw ApiException.InvalidParameter("The host was deleted"));
    }
}

/// <summary>What an operator tells a host; CloudStack's words.</summary>
internal enum HostAllocation
{
    Enable,
    Disable,
}
