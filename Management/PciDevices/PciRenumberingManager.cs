using PciBus.Contracts.PciDevices;
using PciBus.Contracts.Startup;
using PciBus.Management.Persistence;

namespace PciBus.Management.PciDevices;

/// <summary>
/// Moves the rows of a host's devices to the addresses that these have since the host rebooted. Owner, claim and history stay with the row.
/// </summary>
internal sealed class PciRenumberingManager(PciBusDbContext database, TimeProvider time)
{
    private static readonly IReadOnlyDictionary<PciAddress, string> NoDoubts = new Dictionary<PciAddress, string>();

    /// <summary>Moves the rows. Rows that go are taken out of the list.</summary>
    /// <param name="known">All rows of the host, tracked in this transaction.</param>
    /// <param name="report">The first report of the new boot.</param>
    /// <param name="others">The host's devices that pci.devices does not name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>By address, why it cannot be told which device is there.</returns>
    public async Task<IReadOnlyDictionary<PciAddress, string>> FollowAsync(
        List<PciDevice> known, HostReport report, IReadOnlyList<PciDeviceTO> others, CancellationToken cancellationToken)
    {
        if (known.Count == 0 || report.PciDevices is not { } configured) return NoDoubts;
        var named = configured.Select(device => device.Address).ToHashSet();
        var plan = PciRenumbering.Decide(known, [.. configured, .. others.Where(device => !named.Contains(device.Address))]);
        if (plan.Moves.Count == 0) return plan.Doubts;
        var now = time.GetUtcNow();
        foreach (var row in plan.Gone)
        {
            database.Add(row.HistoryOf(PciDeviceChange.Removed, null, "another device is there since the host rebooted", null, now));
            database.Remove(row);
            known.Remove(row);
        }

        // No engine lets two rows swap their addresses: each row first goes to a place that is no address, and is its own.
        var froms = plan.Moves.ToDictionary(move => move.Row, move => move.Row.Address);
        foreach (var row in froms.Keys) row.Domain = -row.Id;
        await database.SaveChangesAsync(cancellationToken);
        foreach (var (row, to) in plan.Moves)
        {
            Put(row, froms[row], to);
            database.Add(row.HistoryOf(
                PciDeviceChange.Renumbered, row.InstanceId, $"at {froms[row]} before the host rebooted", null, now));
        }

        await database.SaveChangesAsync(cancellationToken);
        return plan.Doubts;
    }

    private static void Put(PciDevice row, PciAddress from, PciDeviceTO now)
    {
        row.ConfiguredAddress ??= row.Configured ? from.ToString() : null;
        (row.Domain, row.Bus, row.Slot, row.Function) = (now.Address.Domain, now.Address.Bus, now.Address.Slot, now.Address.Function);
        row.TakeFacts(now);
    }
}
