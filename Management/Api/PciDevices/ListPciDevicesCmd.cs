using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.Places;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Api.PciDevices;

[ApiCommand("listPciDevices", "Lists PCI devices of hosts", Response = typeof(PciDeviceResponse))]
internal sealed class ListPciDevicesCmd(PciBusDbContext database, PciDeviceQueries queries) : ApiListCommand
{
    [ApiParameter("id", "the device", Entity = typeof(PciDevice))]
    public long? Id { get; set; }

    [ApiParameter("hostid", "devices of this host", Entity = typeof(Host))]
    public long? HostId { get; set; }

    [ApiParameter("zoneid", "devices of this zone", Entity = typeof(Zone))]
    public long? ZoneId { get; set; }

    [ApiParameter("clusterid", "devices of this cluster", Entity = typeof(Cluster))]
    public long? ClusterId { get; set; }

    [ApiParameter("name", "devices of exactly this name")]
    public string? Name { get; set; }

    [ApiParameter("virtualmachineid", "devices that this virtual machine owns", Entity = typeof(VirtualMachine))]
    public long? VirtualMachineId { get; set; }

    [ApiParameter("state", "devices in this state, e.g. Free")]
    public PciDeviceState? State { get; set; }

    [ApiParameter("allocatable", "true: devices that can be given out now; false: the others")]
    public bool? Allocatable { get; set; }

    public override Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var devices = database.Set<PciDevice>().AsNoTracking();
        if (Id is { } id) devices = devices.Where(device => device.Id == id);
        if (HostId is { } hostId) devices = devices.Where(device => device.HostId == hostId);
        // As offerings ask for devices: a name that differs in case is another name.
        if (Name is { } name) devices = devices.Where(device => device.Name == name);
        if (VirtualMachineId is { } vmId) devices = devices.Where(device => device.InstanceId == vmId);
        if (ZoneId is { } zoneId)
        {
            devices = devices.Where(device => database.Set<Host>().Any(host => host.Id == device.HostId && host.DataCenterId == zoneId));
        }

        if (ClusterId is { } clusterId)
        {
            devices = devices.Where(device => database.Set<Host>().Any(host => host.Id == device.HostId && host.ClusterId == clusterId));
        }

        if (Word is { } word)
        {
            devices = devices.Where(
                device => device.Name.Folded().Contains(word.Folded()) || device.AddressText.Folded().Contains(word.Folded()));
        }

        if (State is { } state) devices = queries.WithState(devices).Where(row => row.State == state).Select(row => row.Device);
        if (Allocatable is { } allocatable)
        {
            devices = queries.WithState(devices).Where(row => (row.State == PciDeviceState.Free) == allocatable).Select(row => row.Device);
        }

        return ListAsync(devices.OrderBy(device => device.Id), queries.Describe, cancellationToken);
    }
}
