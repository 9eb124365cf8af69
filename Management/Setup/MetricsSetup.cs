using System.Net;
using PciBus.Management.Events;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using Prometheus;

namespace PciBus.Management.Setup;

/// <summary>
/// Figures for Prometheus, without a signature, for the machines that the setting names: <c>/metrics</c> of the API's port. Each request
/// reads them from the database, so that all servers say the same.
/// </summary>
internal static class MetricsSetup
{
    public const string AllowedIps = "prometheus.exporter.allowed.ips";

    public static void MapMetrics(this WebApplication app, IReadOnlyCollection<IPAddress> allowed)
    {
        var registry = Metrics.NewCustomRegistry();
        DotNetStats.Register(registry);
        var metrics = Metrics.WithCustomRegistry(registry);
        var degraded = metrics.CreateGauge(
            "pcibus_degraded_vms", "Running virtual machines that have fewer PCI devices than they should have.");
        var standing = metrics.CreateGauge("pcibus_alerts", "Alerts that stand.", "type");
        app.MapGet("/metrics", async context =>
        {
            var from = context.Connection.RemoteIpAddress is { IsIPv4MappedToIPv6: true } mapped
                ? mapped.MapToIPv4()
                : context.Connection.RemoteIpAddress;
            if (from is null || !allowed.Contains(from))
            {
                await RefuseAsync(context, StatusCodes.Status403Forbidden, $"{from} is not among the addresses of {AllowedIps}");
            }
            else if (!await TryReadAsync(context, degraded, standing))
            {
                await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "The database does not answer");
            }
            else
            {
                context.Response.ContentType = PrometheusConstants.TextContentTypeWithVersionAndEncoding;
                await registry.CollectAndExportAsTextAsync(context.Response.Body, context.RequestAborted);
            }
        });
    }

    private static async Task<bool> TryReadAsync(HttpContext context, Gauge degraded, Gauge standing)
    {
        var transactions = context.RequestServices.GetRequiredService<DatabaseTransactions>();
        try
        {
            degraded.Set(
                await transactions.RunAsync((DegradationManager vms) => vms.CountAsync(context.RequestAborted), context.RequestAborted));
            var counts = await transactions.RunAsync(
                (AlertManager alerts) => alerts.CountStandingAsync(context.RequestAborted), context.RequestAborted);
            foreach (var type in Enum.GetValues<AlertType>().Union(StoredNames.NewerOf<AlertType>()))
            {
                standing.WithLabels(StoredNames.Of(type)).Set(counts.GetValueOrDefault(type));
            }
            return true;
        }
        catch (Exception) when (!context.RequestAborted.IsCancellationRequested)
        {
            // The text of an exception stays inside: it may name more than strangers should know.
            return false;
        }
    }

    private static Task RefuseAsync(HttpContext context, int status, string why)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync($"{why}\n", context.RequestAborted);
    }
}
