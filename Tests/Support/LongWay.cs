using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PciBus.Contracts.Startup;
using PciBus.Management.Bus;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;

namespace PciBus.Tests.Support;

/// <summary>Holds the quick way of a report, one query, to the long way, which compares all that it says.</summary>
internal sealed class LongWay(PciBusDbContext database, HostSessionManager sessions, HostReportQueries reports, TimeProvider time)
{
    /// <summary>Takes a report the long way, in a transaction that must be rolled back.</summary>
    /// <returns>What the quick way would have missed; "" when it takes the report and nothing is missed, null when it leaves it to the long way.</returns>
    public async Task<string?> FindMissedAsync(PingRoutingCommand ping)
    {
        // From here on nobody else writes what is looked at.
        await database.Database.ExecuteSqlAsync(
            $"/* of a test */ UPDATE op_host_capacity SET update_count = update_count + 1 WHERE host_id IN (SELECT id FROM host WHERE guid = {ping.HostGuid})");
        if (await reports.FindAgreeingAsync(ping, time.GetUtcNow(), CancellationToken.None) is not { } hostId) return null;
        var parked = await Rows<WorkflowCommand>().Where(row => row.HostId == hostId && row.Deadline == null).Select(row => row.WorkflowId).ToListAsync();
        var before = await RecordsAsync(hostId);
        var view = await sessions.StoreReportAsync(ping, time.GetUtcNow(), CancellationToken.None);
        await database.SaveChangesAsync();
        var after = await RecordsAsync(hostId);
        return string.Join(", ", new[]
        {
            view is null ? "it is of another session" : "",
            view is { Strays: [], Doubtful: [], Sighted: [] } or null ? "" : JsonSerializer.Serialize(view),
            parked.Count == 0 ? "" : $"workflow {string.Join(',', parked)} is parked on the host",
            before == after ? "" : $"{before} became {after}",
        }.Where(text => text.Length > 0));
    }

    private IQueryable<T> Rows<T>() where T : class => database.Set<T>().AsNoTracking().TagWith(CommandCollector.OfATest);

    private async Task<string> RecordsAsync(long hostId) => JsonSerializer.Serialize(new
    {
        Host = await Rows<Host>().Where(host => host.Id == hostId).Select(host => host.Status).ToListAsync(),
        Class = await Rows<HostCapacity>().Where(row => row.HostId == hostId)
            .Select(row => new { row.PlacementClass, row.CapacityState, row.CpuTotal, row.RamTotal }).ToListAsync(),
        Devices = await Rows<PciDevice>().Where(device => device.HostId == hostId).OrderBy(device => device.Id).ToListAsync(),
        Alerts = await Rows<Alert>().Where(alert => alert.HostId == hostId && alert.Resolved == null)
            .OrderBy(alert => alert.Id).Select(alert => new { alert.Type, alert.Subject, alert.Body }).ToListAsync(),
        Sightings = await Rows<Sighting>().Where(sighting => sighting.HostId == hostId).Select(sighting => sighting.VmId).ToListAsync(),
    });
}
