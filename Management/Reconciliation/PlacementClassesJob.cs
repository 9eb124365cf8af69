using PciBus.Management.Hosts.Liveness;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.Upkeep;

namespace PciBus.Management.Reconciliation;

/// <summary>
/// Deletes the placement classes in which no host is any more, and forgets what this server knows of them. A server of a version that
/// never forgets a class puts hosts into classes that are gone: nothing is deleted while one runs.
/// </summary>
internal sealed class PlacementClassesJob(DatabaseTransactions transactions, PlacementClasses known) : IReconciliationJob
{
    public async Task<string?> RunAsync(CancellationToken cancellationToken)
    {
        if (await transactions.RunAsync((HeardHostsManager servers) => servers.IsAnotherVersionThereAsync(cancellationToken), cancellationToken))
        {
            return "a server of another version runs";
        }

        var (deleted, left) = await transactions.RunAsync((PlacementClassManager classes) => classes.DeleteUnusedAsync(cancellationToken), cancellationToken);
        known.Replace(left);
        return deleted > 0 ? $"classes deleted: {deleted}" : null;
    }
}
