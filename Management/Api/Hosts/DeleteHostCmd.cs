using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;

namespace PciBus.Management.Api.Hosts;

[ApiCommand("deleteHost", "Deletes a host that is Disabled or in Maintenance and that no virtual machine uses")]
internal sealed class DeleteHostCmd(
    PciBusDbContext database, ApiTransactions transactions, HostOptions options, TimeProvider time) : ApiCommand
{
    [ApiParameter("id", "the host", Required = true, Entity = typeof(Host))]
    public long Id { get; set; }

    [ApiParameter("forced", "also a host that was declared down and on which virtual machines that left it have something yet")]
    public bool Forced { get; set; }

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var host = await database.Set<Host>().AsNoTracking().SingleAsync(row => row.Id == Id, cancellationToken);
        await transactions.RunAsync<HostAdministrationManager>(
            hosts => hosts.DeleteAsync(Id, Forced, Caller, cancellationToken), cancellationToken);
        return ApiAnswer.Success(DeletedHostManager.StillHeard(host, options, time.GetUtcNow()));
    }
}
