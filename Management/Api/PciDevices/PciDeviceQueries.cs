using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.Places;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Api.PciDevices;

/// <summary>Describes devices for callers.</summary>
internal sealed class PciDeviceQueries(PciBusDbContext database)
{
    /// <summary>
    /// Derives each device's state, as part of a query. For the devices of a host that takes virtual machines it says the same as
    /// <see cref="PciDeviceAccounter"/>, in the same order.
    /// </summary>
    public IQueryable<PciDeviceWithState> WithState(IQueryable<PciDevice> devices)
    {
        var all = database.Set<PciDevice>();
        var virtualMachines = database.Set<VirtualMachine>();
        var capacities = database.Set<HostCapacity>();
        return devices.Select(device => new PciDeviceWithState
        {
            Device = device,
            State = device.InstanceId != null
                ? virtualMachines.Any(vm => vm.Id == device.InstanceId && (vm.HostId == device.HostId
                    || (vm.State == VirtualMachineState.Migrating && vm.LastHostId == device.HostId)))
                    ? PciDeviceState.Allocated
                    : PciDeviceState.Stray
                : !device.Configured ? PciDeviceState.Unconfigured
                : !device.Present ? PciDeviceState.Missing
                : device.Unusable != null ? PciDeviceState.Unusable
                : device.Health == PciDeviceHealth.Quarantined ? PciDeviceState.Quarantined
                : !device.Enabled ? PciDeviceState.Disabled
                : device.SeenIn != null ? PciDeviceState.Foreign
                : all.Any(other => other.HostId == device.HostId && other.InstanceId != null && other.Id != device.Id
                    && ((other.IommuGroup != null && other.IommuGroup == device.IommuGroup)
                        || other.PhysicalFunction == device.AddressText
                        || other.AddressText == device.PhysicalFunction))
                    ? PciDeviceState.Blocked
                : !capacities.Any(capacity => capacity.HostId == device.HostId && capacity.CapacityState == CapacityState.Enabled)
                    ? PciDeviceState.HostNotReady
                    : PciDeviceState.Free,
        });
    }

    /// <summary>Reads a page of devices with all names, in the order of their ids.</summary>
    public IQueryable<PciDeviceResponse> Describe(IQueryable<PciDevice> devices) =>
        from row in WithState(devices)
        join host in database.Set<Host>() on row.Device.HostId equals host.Id
        join zone in database.Set<Zone>() on host.DataCenterId equals zone.Id
        join cluster in database.Set<Cluster>() on host.ClusterId equals cluster.Id
        join vm in database.Set<VirtualMachine>() on row.Device.InstanceId equals vm.Id into owners
        from owner in owners.DefaultIfEmpty()
        orderby row.Device.Id
        select new PciDeviceResponse
        {
            Id = row.Device.Uuid,
            Name = row.Device.Name,
            NameOverride = row.Device.NameOverride,
            ReportedName = row.Device.ReportedName,
            Address = row.Device.AddressText,
            State = row.State,
            VendorId = row.Device.VendorId,
            DeviceId = row.Device.ProductId,
            Class = row.Device.Class,
            Serial = row.Device.Serial,
            Driver = row.Device.Driver,
            IommuGroup = row.Device.IommuGroup,
            NumaNode = row.Device.NumaNode,
            ParentAddress = row.Device.PhysicalFunction,
            HostId = host.Uuid,
            HostName = host.Name,
            HostState = host.Status,
            HostResourceState = host.ResourceState,
            ZoneId = zone.Uuid,
            ZoneName = zone.Name,
            ClusterId = cluster.Uuid,
            ClusterName = cluster.Name,
            VirtualMachineId = owner == null ? null : owner.Uuid,
            VirtualMachineName = owner == null ? null : owner.Name,
            VmState = owner == null ? null : owner.State,
            Claim = row.Device.Claim,
            ClaimedName = row.Device.ClaimedName,
            Configured = row.Device.Configured,
            Present = row.Device.Present,
            Unusable = row.Device.Unusable,
            Health = row.Device.Health,
            HealthReason = row.Device.HealthReason,
            Enabled = row.Device.Enabled,
            SeenIn = row.Device.SeenIn,
            LastSeen = row.Device.Present ? host.LastPing : null,
            Created = row.Device.Created,
        };
}
