using PciBus.Management.Reconciliation;

namespace PciBus.Management.Workflows.Settle;

/// <summary>
/// Asks the next page of hosts about virtual machines that are elsewhere, or off, and still have something there. The reports of a host
/// lead to the same; this job does not depend on them.
/// </summary>
internal sealed class StrayClaimsJob(WorkflowRunner runner, WorkflowQueries workflows) : IReconciliationJob
{
    /// <summary>The last host that was looked at.</summary>
    private long _last;

    public static ReconciliationJob About { get; } = new(
        typeof(StrayClaimsJob), "claims", "Settles what virtual machines have on hosts where they are not, a page of hosts in each run",
        TimeSpan.FromSeconds(10), "how often the next hosts are searched for what virtual machines have where they are not");

    public async Task<string?> RunAsync(CancellationToken cancellationToken)
    {
        var hosts = await workflows.HostsAsync(_last, cancellationToken);
        _last = hosts.LastOrDefault();
        var strays = await workflows.StraysAsync(hosts, cancellationToken);
        foreach (var (vmId, hostId, hostName) in strays)
        {
            var settle = WorkflowRequest.Settle(vmId, hostId, $"it has something on {hostName} and is not there");
            await runner.BeginAsync(settle, cancellationToken);
        }

        return strays.Count > 0 ? $"settlements begun: {strays.Count}" : null;
    }
}
