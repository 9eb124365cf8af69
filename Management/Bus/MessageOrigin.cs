using PciBus.Contracts.PciDevices;
using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Management.Bus;

/// <summary>The host that a message speaks for, as the message itself says.</summary>
internal static class MessageOrigin
{
    /// <summary>The guid of the host; null for a message that is not from a host.</summary>
    public static string? HostGuidOf(object message) => message switch
    {
        StartupRoutingCommand startup => startup.Guid,
        ShutdownCommand shutdown => shutdown.HostGuid,
        PingRoutingCommand ping => ping.HostGuid,
        VirtualMachineAnswer answer => answer.HostGuid,
        ResetPciDeviceAnswer answer => answer.HostGuid,
        _ => null,
    };
}
