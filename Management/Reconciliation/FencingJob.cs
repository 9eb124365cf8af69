using PciBus.Management.Hosts.Fencing;
using PciBus.Management.Upkeep;

namespace PciBus.Management.Reconciliation;

/// <summary>Fences hosts that are not heard.</summary>
internal sealed class FencingJob(Fencer fencing) : IReconciliationJob
{
    public async Task<string?> RunAsync(CancellationToken cancellationToken) =>
        await fencing.FenceAsync(cancellationToken) is > 0 and var begun ? $"fencing commands run: {begun}" : null;
}
