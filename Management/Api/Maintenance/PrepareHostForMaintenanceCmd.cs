using PciBus.Management.Api.Hosts;
using PciBus.Management.Drain;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Maintenance;

namespace PciBus.Management.Api.Maintenance;

[ApiCommand(
    "prepareHostForMaintenance",
    "Empties a host for maintenance, as planHostMaintenance says: it takes no virtual machines from now on, and the job ends when all have "
    + "left it",
    Response = typeof(HostResponse),
    IsAsync = true)]
internal sealed class PrepareHostForMaintenanceCmd(ApiTransactions transactions) : ApiCommand
{
    [ApiParameter("id", "the host", Required = true, Entity = typeof(Host))]
    public long Id { get; set; }

    [ApiParameter(
        "pcistrategy",
        "what happens to virtual machines that cannot be moved. Refuse, the default: nothing is begun unless all can be moved; Wait: they "
        + "are waited for; Stop: they are stopped")]
    public PciStrategy PciStrategy { get; set; }

    public override Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var request = Job(EventTypes.MaintenancePrepare, "preparing a host for maintenance");
        return transactions.BeginAsync<HostMaintenanceManager>(
            hosts => hosts.BeginAsync(Id, PciStrategy, request, cancellationToken), cancellationToken);
    }
}
