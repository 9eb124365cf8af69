using PciBus.Management.Hosts.Capacity;
using PciBus.Management.PciDevices;

namespace PciBus.Management.Deployment;

/// <summary>A host as the allocator sees it.</summary>
/// <param name="Class">Digest of its <see cref="PlacementClass"/>.</param>
/// <param name="CpuFree">MHz.</param>
/// <param name="RamFree">Bytes.</param>
internal sealed record HostSnapshot(long HostId, long DataCenterId, CapacityState State, string Class, long CpuFree, long RamFree);
