using PciBus.Management.PciDevices;

namespace PciBus.Management.Deployment;

/// <summary>What a virtual machine needs of a host, and where it may go.</summary>
/// <param name="DataCenterId">The zone.</param>
/// <param name="Cpu">MHz.</param>
/// <param name="Ram">Bytes.</param>
/// <param name="HostTags">Tags the host must have all of, canonical.</param>
/// <param name="HostId">The one host that will do; null for any.</param>
internal sealed record DeploymentPlan(long DataCenterId, long Cpu, long Ram, PciDeviceNames PciDevices, string HostTags, long? HostId)
{
    /// <summary>The cluster it must stay in; null for any.</summary>
    public long? ClusterId { get; init; }

    /// <summary>The host that it leaves, which is no destination and needs no explanation; null when it runs nowhere.</summary>
    public long? LeavingHostId { get; init; }
}
