using PciBus.Management.Reconciliation;

namespace PciBus.Management.Hosts.Liveness;

/// <summary>Writes down which hosts were heard.</summary>
internal sealed class HostLivenessJob(HeardHosts hosts) : IReconciliationJob
{
    // Per server: nobody else can write down what this process heard.
    public static ReconciliationJob About { get; } = new(
        typeof(HostLivenessJob), "host.liveness", "Writes down which hosts were heard",
        TimeSpan.FromSeconds(5), "how often each server writes down which hosts it heard")
    { PerServer = true };

    public async Task<string?> RunAsync(CancellationToken cancellationToken) =>
        await hosts.WriteAsync(cancellationToken) is > 0 and var heard ? $"hosts heard: {heard}" : null;
}
