using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Maintenance;
using PciBus.Management.Jobs;

namespace PciBus.Management.Api.Hosts;

[ApiCommand(
    Name,
    "Trusts a degraded host again: it is Enabled",
    Response = typeof(HostResponse),
    IsAsync = true)]
internal sealed class CancelHostAsDegradedCmd(ApiTransactions transactions) : ApiCommand
{
    public const string Name = "cancelHostAsDegraded";

    [ApiParameter("id", "the host", Required = true, Entity = typeof(Host))]
    public long Id { get; set; }

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var request = new JobRequest(Name, Caller, EventTypes.HostCancelDegraded, "trusting a degraded host again");
        return await transactions.BeginAsync<HostDegradationManager>(
            hosts => hosts.CancelAsync(Id, request, cancellationToken), cancellationToken);
    }
}
