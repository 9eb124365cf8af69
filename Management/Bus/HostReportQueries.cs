using Microsoft.EntityFrameworkCore;
using PciBus.Contracts.Startup;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;

namespace PciBus.Management.Bus;

/// <summary>Finds out whether a report says anything new: of thousands most do not, and each of these costs one query.</summary>
internal sealed class HostReportQueries(IServiceScopeFactory scopes)
{
    private static readonly CompiledQuery<Func<PciBusDbContext, string, long, string, CancellationToken, Task<long>>> Settled =
        new(() => EF.CompileAsyncQuery(
        (PciBusDbContext database, string guid, long session, string hash, CancellationToken _) => database.Set<Host>()
            .Where(host => host.Guid == guid && host.Removed == null && host.Session == session && host.Status == HostStatus.Up)
            .Join(
                database.Set<HostCapacity>().Where(capacity => capacity.ReportHash == hash),
                host => host.Id, capacity => capacity.HostId, (host, capacity) => host.Id)
            .SingleOrDefault()));

    /// <summary>The host of a report that says the same as the last report, which left nothing to do.</summary>
    /// <returns>Null when there may be something to do.</returns>
    public async Task<long?> FindAgreeingAsync(PingRoutingCommand ping, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (ReportComparisonManager.IsSkewed(ping.SentAt, now)) return null;
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<PciBusDbContext>();
        var hostId = await Settled.On(database)(
            database, ping.HostGuid, ping.Report.Session, PciDeviceReportManager.Hash(ping.Report), cancellationToken);
        return hostId == 0 ? null : hostId;
    }
}
