using PciBus.Management.Persistence;
using PciBus.Management.Reconciliation;

namespace PciBus.Management.Hosts;

/// <summary>Ends the reconnections whose agents did not announce themselves.</summary>
internal sealed class OverdueReconnectsJob(DatabaseTransactions transactions, HostOptions options) : IReconciliationJob
{
    public static ReconciliationJob About { get; } = new(
        typeof(OverdueReconnectsJob), "host.reconnects", "Ends reconnections whose agents did not announce themselves",
        TimeSpan.FromSeconds(10), "how often reconnections whose time is over are looked for");

    public async Task<string?> RunAsync(CancellationToken cancellationToken)
    {
        var ended = await transactions.RunAsync(
            (HostReconnectManager reconnects) => reconnects.EndOverdueAsync(options.CommandTimeout, cancellationToken), cancellationToken);
        return ended > 0 ? $"jobs ended: {ended}" : null;
    }
}
