using PciBus.Contracts.PciDevices;

namespace PciBus.Management.PciDevices;

/// <summary>
/// Finds the devices that have other addresses since their host rebooted. A device is known again by vendor, product and serial number. The
/// functions of a card share one: which of them is which the number of the function tells, which a card gives itself. The serial number
/// of a virtual function says which one it is. A device without a serial number is never known again.
/// </summary>
internal static class PciRenumbering
{
    /// <summary>Decides which rows go to which addresses. It changes nothing.</summary>
    /// <param name="known">The rows of the host.</param>
    /// <param name="seen">The devices that the host sees since it has rebooted, whether pci.devices names them or not.</param>
    public static RenumberingPlan Decide(IReadOnlyList<PciDevice> known, IReadOnlyList<PciDeviceTO> seen)
    {
        var rows = known.Where(row => IdentityOf(row) is not null).ToLookup(row => IdentityOf(row)!);
        var places = seen.Where(device => device.Present && IdentityOf(device) is not null).ToLookup(device => IdentityOf(device)!);
        var away = new HashSet<PciDevice>();
        var doubts = new Dictionary<PciAddress, string>();
        var moves = new Dictionary<PciDevice, PciDeviceTO>();
        foreach (var row in known.Where(row => IdentityOf(row) is not null))
        {
            var (alike, now) = Alike(row, [.. rows[IdentityOf(row)!]], [.. places[IdentityOf(row)!]]);
            if (now.Count == 0 || now.Any(device => device.Address == row.Address)) continue;
            away.Add(row);
            if (alike.Count == 1 && now.Count == 1) moves.Add(row, now[0]);
            else Doubt(doubts, [.. alike.Select(one => one.Address), .. now.Select(one => one.Address)], Unclear(row, alike, now));
        }

        while (moves.FirstOrDefault(move => Occupant(move.Value.Address) is { } other && !MayGo(other)) is { Key: { } row, Value: var to })
        {
            moves.Remove(row);
            Doubt(doubts, [row.Address, to.Address], Blocked(row, to));
        }

        return new RenumberingPlan(
            [.. moves.Select(move => new RenumberedDevice(move.Key, move.Value))],
            [.. moves.Values.Select(device => Occupant(device.Address)).OfType<PciDevice>()],
            doubts);

        // The row that has an address to which another one goes.
        PciDevice? Occupant(PciAddress address) => known.FirstOrDefault(row => row.Address == address && !moves.ContainsKey(row));

        // Its device is not there any more: there is another one. Nobody knows where it is, and nobody owns it.
        bool MayGo(PciDevice row) => row.InstanceId is null && !away.Contains(row);
    }

    /// <summary>The rows and devices of a row's identity; of several, those that are the same function.</summary>
    private static (List<PciDevice> Rows, List<PciDeviceTO> Now) Alike(PciDevice row, List<PciDevice> alike, List<PciDeviceTO> now) =>
        (alike.Count == 1 && now.Count == 1) || row.PhysicalFunction is not null
            ? (alike, now)
            : (alike.FindAll(one => one.Function == row.Function), now.FindAll(device => device.Address.Function == row.Function));

    private static string? IdentityOf(PciDevice row) => Identity(row.VendorId, row.ProductId, row.Serial);

    private static string? IdentityOf(PciDeviceTO device) => Identity(device.VendorId, device.ProductId, device.Serial);

    private static string? Identity(string? vendorId, string? productId, string? serial) =>
        vendorId is null || productId is null || serial is null ? null : $"{vendorId}:{productId} serial {serial}";

    private static void Doubt(Dictionary<PciAddress, string> doubts, IReadOnlyList<PciAddress> about, string reason)
    {
        foreach (var address in about) doubts.TryAdd(address, reason);
    }

    private static string Unclear(PciDevice row, IEnumerable<PciDevice> alike, IEnumerable<PciDeviceTO> now) =>
        $"{IdentityOf(row)} was at {List(alike.Select(one => one.Address))} before the host rebooted and is at "
        + $"{List(now.Select(one => one.Address))} now: which is which cannot be told";

    private static string Blocked(PciDevice row, PciDeviceTO to) =>
        $"{IdentityOf(row)} was at {row.Address} before the host rebooted and is at {to.Address} now; where the device is that was at "
        + $"{to.Address} before cannot be told";

    private static string List(IEnumerable<PciAddress> addresses) => string.Join(" and ", addresses.Order());
}

/// <summary>What a host's rows become as its devices have other addresses.</summary>
/// <param name="Moves">The rows that go to other addresses, all at once.</param>
/// <param name="Gone">The rows that go, as another device is at their addresses and nobody owns theirs.</param>
/// <param name="Doubts">By address, why it cannot be told which device is there: what is there, and the row, are quarantined.</param>
internal sealed record RenumberingPlan(
    IReadOnlyList<RenumberedDevice> Moves, IReadOnlyList<PciDevice> Gone, IReadOnlyDictionary<PciAddress, string> Doubts);

/// <param name="Row">The row, with the address that it had.</param>
/// <param name="Now">The device as its host sees it, with the address that it has.</param>
internal sealed record RenumberedDevice(PciDevice Row, PciDeviceTO Now);
