using PciBus.Management.Events;
using PciBus.Management.Hosts;

namespace PciBus.Management.Api.Hosts;

[ApiCommand(
    HostReconnectManager.Command,
    "Has the agent of a host that is Up or in Alert announce itself again; the job ends when it has",
    Response = typeof(HostResponse),
    IsAsync = true)]
internal sealed class ReconnectHostCmd(ApiTransactions transactions) : ApiCommand
{
    [ApiParameter("id", "the host", Required = true, Entity = typeof(Host))]
    public long Id { get; set; }

    public override Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var request = Job(EventTypes.HostReconnect, "reconnecting a host");
        return transactions.BeginAsync<HostReconnectManager>(hosts => hosts.BeginAsync(Id, request, cancellationToken), cancellationToken);
    }
}
