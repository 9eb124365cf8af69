using System.Globalization;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Newtonsoft.Json;
using PciBus.Management.Accounts;
using PciBus.Management.Hosts.Liveness;
using PciBus.Management.Persistence;
using PciBus.Management.Reconciliation;

namespace PciBus.Management.Setup;

/// <summary>
/// What load balancers and supervisors ask, without a signature: <c>/health/live</c>, the process runs; <c>/health/ready</c>,
/// the database answers and takes what is written, and the bus has started.
/// </summary>
internal static class HealthSetup
{
    public const string Path = "/health";
    private const string Ready = "ready";
    private static readonly TimeSpan DatabaseTimeout = TimeSpan.FromSeconds(5);

    /// <summary>The bus adds a check of its own, with the same tag.</summary>
    public static IServiceCollection AddHealth(this IServiceCollection services)
    {
        services.AddHealthChecks().AddCheck<DatabaseHealthCheck>("database", tags: [Ready], timeout: DatabaseTimeout)
            .AddCheck<WritingHealthCheck>("writing", tags: [Ready]);
        return services;
    }

    public static void MapHealth(this WebApplication app)
    {
        app.MapHealthChecks($"{Path}/live", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = WriteAsync });
        app.MapHealthChecks($"{Path}/ready", new HealthCheckOptions
        {
            Predicate = check => check.Tags.Contains(Ready),
            ResponseWriter = WriteAsync,
            ResultStatusCodes =
            {
                [HealthStatus.Healthy] = StatusCodes.Status200OK,
                [HealthStatus.Degraded] = StatusCodes.Status503ServiceUnavailable,
                [HealthStatus.Unhealthy] = StatusCodes.Status503ServiceUnavailable,
            },
        });
    }

    /// <summary>Names what is not well. The text of an exception stays inside: it may name more than strangers should know.</summary>
    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "application/json; charset=UTF-8";
        var reasons = report.Entries
            .Where(entry => entry.Value.Status != HealthStatus.Healthy)
            .ToDictionary(entry => entry.Key, entry => entry.Value.Exception is null ? entry.Value.Description : "does not answer");
        return context.Response.WriteAsync(
            JsonConvert.SerializeObject(new { status = reasons.Count == 0 ? "up" : "down", reasons }), context.RequestAborted);
    }
}

/// <summary>Whether the database answers: it is asked for the row that every database has.</summary>
internal sealed class DatabaseHealthCheck(PciBusDbContext database) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await database.Set<Domain>().AnyAsync(domain => domain.Id == Domain.RootId, cancellationToken)
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy("the database is empty");
}

/// <summary>
/// Whether the database takes what this server writes: with a full disk it still answers. Every server keeps writing which hosts it has
/// heard, so a caller of the health check never makes it write.
/// </summary>
internal sealed class WritingHealthCheck(HostSilence silence, ReconciliationOptions options) : IHealthCheck
{
    private const int MissedWritings = 3;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var since = silence.SinceWriting;
        return Task.FromResult(since <= options.IntervalOf<HostLivenessJob>() * MissedWritings
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy(
                string.Create(CultureInfo.InvariantCulture, $"nothing could be written for {since.TotalSeconds:0} s")));
    }
}
