using Microsoft.EntityFrameworkCore;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Persistence;

namespace PciBus.Management.PciDevices;

/// <summary>
/// Compares what the rows of hosts say is taken with what virtual machines have taken, and the placement class of each host with its
/// devices. All of these change in one transaction: a difference is a fault, and is corrected.
/// </summary>
internal sealed partial class HostCapacityAuditManager(
    PciBusDbContext database, PlacementClassManager classes, AlertManager alerts, ILogger<HostCapacityAuditManager> logger)
{
    private const int PageSize = 100;

    /// <summary>Looks at the next page of hosts.</summary>
    /// <param name="after">The last host that was looked at before.</param>
    /// <returns>The last host of the page, 0 when there is none; and how many were corrected.</returns>
    public async Task<(long LastHost, int Corrected)> AuditAsync(long after, CancellationToken cancellationToken)
    {
        var page = await ReadAsync(
            database.Set<HostCapacity>().Where(capacity => capacity.HostId > after).OrderBy(capacity => capacity.HostId).Take(PageSize),
            cancellationToken);
        if (page.Count == 0) return (0, 0);
        var last = page[^1].HostId;
        var known = await database.Set<Alert>()
            .Where(alert => alert.HostId > after && alert.HostId <= last && alert.Type == AlertType.CapacityCorrected
                && alert.Resolved == null)
            .Select(alert => alert.HostId)
            .ToListAsync(cancellationToken);
        var corrected = 0;
        // In the order of their ids, as in all code that changes several of these rows.
        foreach (var seen in page.Where(host => host.IsWrong || known.Contains(host.HostId)))
        {
            var wrong = seen.IsWrong ? await CorrectAsync(seen, cancellationToken) : null;
            if (wrong is not null) corrected++;
            else if (seen.IsWrong) continue;
            await alerts.SyncAsync(
                AlertType.CapacityCorrected,
                seen.HostId,
                wrong is null
                    ? []
                    : [(
                        $"{seen.Name}: what was taken of it was not the sum of what virtual machines have taken",
                        $"{wrong}. It was corrected.")],
                cancellationToken);
        }

        return (last, corrected);
    }

    /// <summary>Corrects a row, unless it has changed since it was read: then it is looked at again in the next round.</summary>
    private async Task<string?> CorrectAsync(Tally seen, CancellationToken cancellationToken)
    {
        var mine = database.Set<HostCapacity>().Where(capacity => capacity.HostId == seen.HostId);
        var rows = await mine.Where(capacity => capacity.UpdateCount == seen.UpdateCount).ExecuteUpdateAsync(
            set => set.SetProperty(capacity => capacity.UpdateCount, capacity => capacity.UpdateCount + 1), cancellationToken);
        if (rows != 1) return null;
        // Nobody claims or gives back while this transaction has the lock.
        var now = (await ReadAsync(mine, cancellationToken)).Single();
        if (!now.IsWrong) return null;
        await mine.ExecuteUpdateAsync(
            set => set.SetProperty(capacity => capacity.CpuUsed, now.CpuTaken).SetProperty(capacity => capacity.RamUsed, now.RamTaken),
            cancellationToken);
        if (now.PlacementClass != now.RightClass) await classes.RefreshAsync(seen.HostId, cancellationToken);
        LogCorrected(now.Name, now.Difference);
        return now.Difference;
    }

    private async Task<List<Tally>> ReadAsync(IQueryable<HostCapacity> page, CancellationToken cancellationToken)
    {
        var tallies = await page
            .Join(
                database.Set<Host>(),
                capacity => capacity.HostId,
                host => host.Id,
                (capacity, host) => new { capacity, host.Name, host.HostTags, host.Removed })
            .OrderBy(row => row.capacity.HostId)
            .Select(row => new Tally
            {
                HostId = row.capacity.HostId,
                Name = row.Name,
                HostTags = row.HostTags,
                IsRemoved = row.Removed != null,
                CpuUsed = row.capacity.CpuUsed,
                RamUsed = row.capacity.RamUsed,
                PlacementClass = row.capacity.PlacementClass,
                UpdateCount = row.capacity.UpdateCount,
                CpuTaken = database.Set<HostCapacityOfVm>().Where(taken => taken.HostId == row.capacity.HostId).Sum(taken => taken.Cpu),
                RamTaken = database.Set<HostCapacityOfVm>().Where(taken => taken.HostId == row.capacity.HostId).Sum(taken => taken.Ram),
            })
            .ToListAsync(cancellationToken);
        var ids = tallies.Select(tally => tally.HostId).ToList();
        var devices = (
            await database.Set<PciDevice>().AsNoTracking().Where(device => ids.Contains(device.HostId)).ToListAsync(cancellationToken))
            .ToLookup(device => device.HostId);
        foreach (var tally in tallies)
        {
            tally.RightClass = PlacementClassManager.DigestOf(tally.HostTags, new PciDeviceAccounter([.. devices[tally.HostId]]).Free);
        }

        return tallies;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The capacity of {Host} was wrong and has been corrected: {Difference}")]
    private partial void LogCorrected(string host, string difference);

    /// <summary>What the row of a host says, and what the rows of virtual machines and devices come to.</summary>
    private sealed class Tally
    {
        public long HostId { get; init; }
        public required string Name { get; init; }
        public required string HostTags { get; init; }
        public bool IsRemoved { get; init; }
        public long CpuUsed { get; init; }
        public long RamUsed { get; init; }
        public required string PlacementClass { get; init; }
        public long UpdateCount { get; init; }
        public long CpuTaken { get; init; }
        public long RamTaken { get; init; }
        public string? RightClass { get; set; }

        // A deleted host keeps its last numbers, and nothing is planned with them.
        public bool IsWrong => !IsRemoved && (CpuUsed, RamUsed, PlacementClass) != (CpuTaken, RamTaken, RightClass);

        public string Difference => string.Join("; ", new[]
        {
            CpuUsed == CpuTaken ? null : $"{CpuUsed} MHz were taken by its row, {CpuTaken} by those of virtual machines",
            RamUsed == RamTaken ? null : $"{RamUsed} bytes of RAM were taken by its row, {RamTaken} by those of virtual machines",
            PlacementClass == RightClass ? null : "the devices it was planned with were not those that are free",
        }.OfType<string>());
    }
}
