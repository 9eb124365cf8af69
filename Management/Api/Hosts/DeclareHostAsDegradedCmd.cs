using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Maintenance;

namespace PciBus.Management.Api.Hosts;

[ApiCommand(
    "declareHostAsDegraded",
    "Says that a host in Alert or Disconnected is not trusted: it gets no new virtual machines, even when it comes back. Those it has stay "
    + "where they are, and keep what they have; only declareHostDown says that a host is off",
    Response = typeof(HostResponse),
    IsAsync = true)]
internal sealed class DeclareHostAsDegradedCmd(ApiTransactions transactions) : ApiCommand
{
    [ApiParameter("id", "the host", Required = true, Entity = typeof(Host))]
    public long Id { get; set; }

    public override Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var request = Job(EventTypes.HostDeclareDegraded, "declaring a host degraded");
        return transactions.BeginAsync<HostDegradationManager>(
            hosts => hosts.DeclareAsync(Id, request, cancellationToken), cancellationToken);
    }
}
