using PciBus.Management.Api.Hosts;
using PciBus.Management.Drain;
using PciBus.Management.Events;
using PciBus.Management.Hosts;

namespace PciBus.Management.Api.Maintenance;

[ApiCommand(
    "cancelHostMaintenance",
    "Lets a host that is in maintenance, or on the way there, take virtual machines again. Moves and stops that have begun go on; nothing "
    + "else is begun",
    Response = typeof(HostResponse),
    IsAsync = true)]
internal sealed class CancelHostMaintenanceCmd(ApiTransactions transactions) : ApiCommand
{
    [ApiParameter("id", "the host", Required = true, Entity = typeof(Host))]
    public long Id { get; set; }

    public override Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var request = Job(EventTypes.MaintenanceCancel, "cancelling the maintenance of a host");
        return transactions.BeginAsync<HostMaintenanceManager>(
            hosts => hosts.CancelAsync(Id, request, cancellationToken), cancellationToken);
    }
}
