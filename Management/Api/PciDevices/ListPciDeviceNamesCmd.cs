using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.Places;

namespace PciBus.Management.Api.PciDevices;

[ApiCommand(
    "listPciDeviceNames",
    "Lists the names of PCI devices, with how many there are of each",
    Response = typeof(PciDeviceNameResponse),
    Roles = ApiRoles.Everybody)]
internal sealed class ListPciDeviceNamesCmd(PciBusDbContext database, PciDeviceQueries queries) : ApiListCommand
{
    [ApiParameter("zoneid", "devices of this zone", Entity = typeof(Zone))]
    public long? ZoneId { get; set; }

    public override Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var devices = database.Set<PciDevice>().AsNoTracking();
        if (ZoneId is { } zoneId)
        {
            devices = devices.Where(device => database.Set<Host>().Any(host => host.Id == device.HostId && host.DataCenterId == zoneId));
        }

        if (Word is { } word) devices = devices.Where(device => device.Name.Folded().Contains(word.Folded()));
        var names = queries.WithState(devices)
            .Select(row => new { row.Device.Name, row.State })
            .GroupBy(row => row.Name)
            .Select(group => new PciDeviceNameResponse
            {
                Name = group.Key,
                Total = group.Count(),
                Free = group.Count(row => row.State == PciDeviceState.Free),
                Allocated = group.Count(row => row.State == PciDeviceState.Allocated),
            });
        return ListAsync(names.OrderBy(name => name.Name), page => page, cancellationToken);
    }
}
