using PciBus.Management.Hosts.Liveness;
using PciBus.Management.Persistence;
using PciBus.Management.Reconciliation;

namespace PciBus.Management.PciDevices;

/// <summary>
/// Deletes the placement classes in which no host is any more, and makes this server forget them. A server of a version that never forgets
/// a class puts hosts into classes that are gone: nothing is deleted while such a server runs.
/// </summary>
internal sealed class PlacementClassesJob(DatabaseTransactions transactions, PlacementClasses known) : IReconciliationJob
{
    // Each server remembers classes.
    public static ReconciliationJob About { get; } = new(
        typeof(PlacementClassesJob), "placement.classes", "Deletes the placement classes that no host is in any more",
        TimeSpan.FromHours(1), "how often each server deletes the kinds of hosts that no host is of any more")
    { PerServer = true };

    public async Task<string?> RunAsync(CancellationToken cancellationToken)
    {
        if (await transactions.RunAsync(
            (HeardHostsManager servers) => servers.IsAnotherVersionThereAsync(cancellationToken), cancellationToken))
        {
            return "a server of another version runs";
        }

        var (deleted, left) = await transactions.RunAsync(
            (PlacementClassManager classes) => classes.DeleteUnusedAsync(cancellationToken), cancellationToken);
        known.Replace(left);
        return deleted > 0 ? $"classes deleted: {deleted}" : null;
    }
}
