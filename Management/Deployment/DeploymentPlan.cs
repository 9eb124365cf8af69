using System.Collections.Immutable;
using PciBus.Management.PciDevices;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Deployment;

/// <summary>What a virtual machine needs of a host, and where it may go.</summary>
/// <param name="DataCenterId">The zone.</param>
/// <param name="Cpu">MHz.</param>
/// <param name="Ram">Bytes.</param>
/// <param name="HostTags">Tags the host must have all of, canonical.</param>
/// <param name="HostId">The one host that will do; null for any.</param>
internal sealed record DeploymentPlan(long DataCenterId, long Cpu, long Ram, PciDeviceNames PciDevices, string HostTags, long? HostId)
{
    /// <summary>The cluster that the virtual machine must stay in; null for any.</summary>
    public long? ClusterId { get; init; }

    /// <summary>The host that the virtual machine is to leave; null when it is to be started.</summary>
    public long? LeavingHostId { get; init; }

    /// <summary>What a virtual machine of an offering needs.</summary>
    /// <param name="vm">The virtual machine.</param>
    /// <param name="offering">Its offering.</param>
    /// <param name="devices">The devices that the virtual machine must be given.</param>
    /// <param name="hostId">The one host that will do; null for any.</param>
    public static DeploymentPlan Of(VirtualMachine vm, ServiceOffering offering, PciDeviceNames devices, long? hostId) => new(
        vm.DataCenterId,
        offering.TotalMhz,
        offering.RamBytes,
        devices,
        offering.HostTags,
        hostId);
}

/// <summary>The host that was chosen.</summary>
internal sealed record DeployDestination(long HostId);

/// <summary>Hosts that were tried and will not do, with what was wrong there.</summary>
internal sealed record ExcludeList(ImmutableSortedDictionary<long, string> Hosts)
{
    public static ExcludeList Empty { get; } = new(ImmutableSortedDictionary<long, string>.Empty);

    public ExcludeList Add(long hostId, string why) => new(Hosts.SetItem(hostId, why));

    public bool ShouldAvoid(long hostId) => Hosts.ContainsKey(hostId);
}
