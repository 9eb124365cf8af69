using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.Places;

namespace PciBus.Management.Api.Zones;

[ApiCommand("listZones", "Lists zones", Response = typeof(ZoneResponse), Roles = ApiRoles.Everybody)]
internal sealed class ListZonesCmd(PciBusDbContext database) : ApiListCommand
{
    [ApiParameter("id", "the zone", Entity = typeof(Zone))]
    public long? Id { get; set; }

    [ApiParameter("name", "the zone's name")]
    public string? Name { get; set; }

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var zones = database.Set<Zone>().AsNoTracking();
        if (Id is { } id) zones = zones.Where(zone => zone.Id == id);
        if (Word is { } word) zones = zones.Where(zone => zone.Name.Folded().Contains(word.Folded()));
        zones = await NamedAsync(zones, Name, cancellationToken);
        return await ListAsync(zones.OrderBy(zone => zone.Name), page => Describe(database, page), cancellationToken);
    }

    /// <summary>Reads a page of zones with all names, in the order of their names.</summary>
    public static IQueryable<ZoneResponse> Describe(PciBusDbContext database, IQueryable<Zone> page)
    {
        var devices = database.Set<PciDevice>();
        var hosts = database.Set<Host>().Where(host => host.Removed == null);
        return page.Select(zone => new ZoneResponse
        {
            Id = zone.Uuid,
            Name = zone.Name,
            AllocationState = zone.AllocationState,
            PciTotal = hosts.Where(host => host.DataCenterId == zone.Id)
                .Join(devices, host => host.Id, device => device.HostId, (host, device) => device).Count(),
            PciUsed = hosts.Where(host => host.DataCenterId == zone.Id)
                .Join(devices, host => host.Id, device => device.HostId, (host, device) => device)
                .Count(device => device.InstanceId != null),
        });
    }
}
