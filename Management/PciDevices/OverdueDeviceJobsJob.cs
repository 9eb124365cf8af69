using PciBus.Management.Hosts;
using PciBus.Management.Persistence;
using PciBus.Management.Reconciliation;

namespace PciBus.Management.PciDevices;

/// <summary>Ends the jobs about devices whose hosts never answered.</summary>
internal sealed class OverdueDeviceJobsJob(DatabaseTransactions transactions, HostOptions options, TimeProvider time) : IReconciliationJob
{
    public static ReconciliationJob About { get; } = new(
        typeof(OverdueDeviceJobsJob), "device.jobs", "Ends jobs about devices whose hosts never answered",
        TimeSpan.FromSeconds(10), "how often jobs about devices whose time is over are looked for");

    public async Task<string?> RunAsync(CancellationToken cancellationToken)
    {
        var begunBefore = time.GetUtcNow() - options.CommandTimeout;
        var ended = await transactions.RunAsync(
            (PciDeviceQuarantineManager quarantine) => quarantine.EndOverdueAsync(begunBefore, cancellationToken), cancellationToken);
        return ended > 0 ? $"jobs ended: {ended}" : null;
    }
}
