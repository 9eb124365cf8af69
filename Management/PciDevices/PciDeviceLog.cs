using PciBus.Contracts.PciDevices;

namespace PciBus.Management.PciDevices;

/// <summary>What is logged about devices.</summary>
internal static partial class PciDeviceLog
{
    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Nothing released: {PciAddress} of host {HostId} is not owned by VM {VmId} under claim {Claim}")]
    public static partial void ReleaseWithoutClaim(ILogger logger, long hostId, long vmId, PciAddress pciAddress, long claim);

    [LoggerMessage(Level = LogLevel.Information, Message = "Report {Sequence} of host {HostId} changes nothing: {Known} is known")]
    public static partial void OldReport(ILogger logger, long hostId, long sequence, long known);
}
