using PciBus.Management.Persistence;
using PciBus.Management.Reconciliation;

namespace PciBus.Management.PciDevices;

/// <summary>Corrects the capacity of the next page of hosts where it is not the sum of what virtual machines have taken.</summary>
internal sealed class CapacityJob(DatabaseTransactions transactions) : IReconciliationJob
{
    /// <summary>The last host that was looked at.</summary>
    private long _last;

    public static ReconciliationJob About { get; } = new(
        typeof(CapacityJob), "capacity",
        "Corrects hosts whose CPU, RAM or free devices are not the sum of what virtual machines have, a page of hosts in each run",
        TimeSpan.FromSeconds(10), "how often the next hosts' capacity is compared with its rows");

    public async Task<string?> RunAsync(CancellationToken cancellationToken)
    {
        (_last, var corrected) = await transactions.RunAsync(
            (HostCapacityAuditManager audit) => audit.AuditAsync(_last, cancellationToken), cancellationToken);
        return corrected > 0 ? $"hosts corrected: {corrected}" : null;
    }
}
