using System.Security.Cryptography;
using System.Text;
using PciBus.Agent.Registration;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Hypervisor.Simulated;

/// <summary>
/// The PCI devices of a simulated host: one at each address that pci.devices has ever named. What a device is follows from
/// the first name given to its address and is kept, as a new name in agent.properties does not change the hardware. After
/// <see cref="Renumber"/> a device may be elsewhere, and the slot that it left is empty.
/// </summary>
internal sealed class SimulatedPciBus(string path, string hostGuid, Func<IReadOnlyList<PciDeviceEntry>> configured)
{
    public const string FileName = "devices.json";

    private readonly Dictionary<PciAddress, PciDeviceTO> _devices =
        (StateFile.Read<List<PciDeviceTO>>(path, "the devices are made anew from pci.devices") ?? []).ToDictionary(
            device => device.Address);

    private IReadOnlyList<PciDeviceEntry> _known = [];
    private bool _writes = true;

    /// <summary>The devices of the host of a folder as they are, and will be when its agent starts; nothing is written.</summary>
    /// <exception cref="IOException">The file of the devices is damaged.</exception>
    public static IReadOnlyList<PciDeviceTO> Look(string folder, string hostGuid, IReadOnlyList<PciDeviceEntry> configured)
    {
        var bus = new SimulatedPciBus(Path.Combine(folder, FileName), hostGuid, () => configured) { _writes = false };
        return bus.All;
    }

    /// <summary>All devices, by address.</summary>
    public IReadOnlyList<PciDeviceTO> All
    {
        get
        {
            PlugInNewOnes();
            return [.. _devices.Values.Where(device => device.Present).OrderBy(device => device.Address)];
        }
    }

    public PciDeviceTO? Find(PciAddress address)
    {
        PlugInNewOnes();
        return _devices.GetValueOrDefault(address) is { Present: true } device ? device : null;
    }

    /// <summary>The host numbers its buses otherwise: devices have other addresses, all at once.</summary>
    /// <param name="moves">Where devices go, by the addresses that they had.</param>
    /// <exception cref="ArgumentException">There is no device to be moved at an address, or two would be at one address.</exception>
    public void Renumber(IReadOnlyDictionary<PciAddress, PciAddress> moves)
    {
        PlugInNewOnes();
        var stay = _devices.Where(one => one.Value.Present && !moves.ContainsKey(one.Key)).Select(one => one.Key);
        if (moves.Keys.Any(from => Find(from) is null)) throw new ArgumentException("no device is there", nameof(moves));
        if (moves.Values.Concat(stay).GroupBy(address => address).Any(group => group.Count() > 1))
        {
            throw new ArgumentException("two devices would have one address", nameof(moves));
        }

        var moved = moves.Select(move => _devices[move.Key] with { Address = move.Value }).ToList();
        foreach (var from in moves.Keys) _devices[from] = new PciDeviceTO { Address = from, Present = false };
        foreach (var device in moved) _devices[device.Address] = device;
        Write();
    }

    private void PlugInNewOnes()
    {
        var entries = configured();
        if (ReferenceEquals(entries, _known)) return;
        _known = entries;
        var before = _devices.Count;
        foreach (var entry in entries) _devices.TryAdd(entry.Address, Make(entry));
        if (_devices.Count > before) Write();
    }

    private void Write()
    {
        if (_writes) StateFile.Write(path, _devices.Values.OrderBy(device => device.Address).ToList());
    }

    private PciDeviceTO Make(PciDeviceEntry entry)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(entry.Name)));
        var address = entry.Address;
        return new PciDeviceTO
        {
            Address = address,
            VendorId = "8086",
            ProductId = hash[..4],
            Class = entry.Name.Contains("GPU", StringComparison.OrdinalIgnoreCase) ? "030000" : "020000",
            Serial = $"SIM-{hostGuid}-{address}",
            // A group for each function, as with ACS.
            IommuGroup = _devices.Values.Max(device => device.IommuGroup) + 1 ?? 0,
            NumaNode = 0,
            Driver = "vfio-pci",
        };
    }
}
