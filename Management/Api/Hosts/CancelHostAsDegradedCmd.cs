using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Maintenance;

namespace PciBus.Management.Api.Hosts;

[ApiCommand(
    "cancelHostAsDegraded",
    "Trusts a degraded host again: it is Enabled",
    Response = typeof(HostResponse),
    IsAsync = true)]
internal sealed class CancelHostAsDegradedCmd(ApiTransactions transactions) : ApiCommand
{
    [ApiParameter("id", "the host", Required = true, Entity = typeof(Host))]
    public long Id { get; set; }

    public override Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var request = Job(EventTypes.HostCancelDegraded, "trusting a degraded host again");
        return transactions.BeginAsync<HostDegradationManager>(
            hosts => hosts.CancelAsync(Id, request, cancellationToken), cancellationToken);
    }
}
