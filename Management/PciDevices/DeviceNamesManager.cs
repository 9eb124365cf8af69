using Microsoft.EntityFrameworkCore;
using PciBus.Management.Persistence;
using PciBus.Management.ServiceOfferings;

namespace PciBus.Management.PciDevices;

/// <summary>Compares the names that an offering lists with those of devices.</summary>
internal sealed class DeviceNamesManager(PciBusDbContext database) : IDeviceNames
{
    public string? WhyNotList(string list) => PciDeviceName.WhyNotList(list);

    public async Task<IReadOnlyList<string>> UnknownAsync(string list, CancellationToken cancellationToken)
    {
        var names = PciDeviceNames.ParseList(list).Counts.Keys.ToList();
        var known = await database.Set<PciDevice>().Where(device => names.Contains(device.Name))
            .Select(device => device.Name).Distinct().ToListAsync(cancellationToken);
        return [.. names.Except(known, StringComparer.Ordinal)];
    }
}
