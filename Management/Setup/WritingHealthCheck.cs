using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using PciBus.Management.Hosts.Liveness;
using PciBus.Management.Reconciliation;

namespace PciBus.Management.Setup;

/// <summary>
/// Whether the database takes what this server writes: with a full disk it still answers. Every server writes all the time which hosts it
/// has heard, so that nobody who asks for the health makes it write.
/// </summary>
internal sealed class WritingHealthCheck(HostSilence silence, ReconciliationOptions options) : IHealthCheck
{
    private const int MissedWritings = 3;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var since = silence.SinceWriting;
        return Task.FromResult(since <= options.IntervalOf<HostLivenessJob>() * MissedWritings
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy(string.Create(CultureInfo.InvariantCulture, $"nothing could be written for {since.TotalSeconds:0} s")));
    }
}
