using PciBus.Management.Hosts.Liveness;
using PciBus.Management.Upkeep;

namespace PciBus.Management.Reconciliation;

/// <summary>Writes down which hosts were heard.</summary>
internal sealed class HostLivenessJob(HeardHosts hosts) : IReconciliationJob
{
    public async Task<string?> RunAsync(CancellationToken cancellationToken) =>
        await hosts.WriteAsync(cancellationToken) is > 0 and var heard ? $"hosts heard: {heard}" : null;
}
