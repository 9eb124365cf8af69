using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.Places;

namespace PciBus.Management.Api.Hosts;

/// <summary>Describes hosts for callers.</summary>
internal static class HostQueries
{
    /// <summary>In the order of their names.</summary>
    public static IQueryable<HostResponse> Describe(PciBusDbContext database, IQueryable<Host> hosts)
    {
        var devices = database.Set<PciDevice>();
        return from host in hosts
               join zone in database.Set<Zone>() on host.DataCenterId equals zone.Id
               join pod in database.Set<Pod>() on host.PodId equals pod.Id
               join cluster in database.Set<Cluster>() on host.ClusterId equals cluster.Id
               join capacity in database.Set<HostCapacity>() on host.Id equals capacity.HostId
               orderby host.Name, host.Id
               select new HostResponse
               {
                   Id = host.Uuid,
                   Name = host.Name,
                   Guid = host.Guid,
                   Machine = host.Machine,
                   State = host.Status,
                   ResourceState = host.ResourceState,
                   IpAddress = host.PrivateIpAddress,
                   ZoneId = zone.Uuid,
                   ZoneName = zone.Name,
                   PodId = pod.Uuid,
                   PodName = pod.Name,
                   ClusterId = cluster.Uuid,
                   ClusterName = cluster.Name,
                   Version = host.Version,
                   Hypervisor = host.HypervisorType,
                   HypervisorVersion = host.HypervisorVersion,
                   Arch = host.CpuArch,
                   CpuSockets = host.CpuSockets,
                   CpuNumber = host.Cpus,
                   CpuSpeed = host.Speed,
                   CpuTotal = capacity.CpuTotal,
                   CpuAllocatedValue = capacity.CpuUsed,
                   MemoryTotal = capacity.RamTotal,
                   MemoryAllocated = capacity.RamUsed,
                   Capabilities = host.Capabilities,
                   HostTags = host.HostTags,
                   LastPinged = host.LastPing,
                   Disconnected = host.Disconnected,
                   Created = host.Created,
                   PciTotal = devices.Count(device => device.HostId == host.Id),
                   PciUsed = devices.Count(device => device.HostId == host.Id && device.InstanceId != null),
               };
    }
}
