using PciBus.Management.Persistence;
using PciBus.Management.Reconciliation;

namespace PciBus.Management.Hosts.Liveness;

/// <summary>Asks hosts that are not heard, and marks hosts that do not answer as away.</summary>
internal sealed class HostInvestigationJob(DatabaseTransactions transactions, HostSilence silence) : IReconciliationJob
{
    public static ReconciliationJob About { get; } = new(
        typeof(HostInvestigationJob), "host.investigation", "Asks hosts that are not heard; those that do not answer are in Alert",
        TimeSpan.FromSeconds(5), "how often hosts that are not heard are asked");

    public async Task<string?> RunAsync(CancellationToken cancellationToken)
    {
        if (!silence.Counts) return null;
        var silent = await transactions.RunAsync(
            (HostLivenessManager liveness) => liveness.InvestigateAsync(cancellationToken), cancellationToken);
        return silent > 0 ? $"silent hosts asked or given up: {silent}" : null;
    }
}
