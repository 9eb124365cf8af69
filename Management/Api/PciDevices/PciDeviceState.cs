using PciBus.Management.PciDevices;

namespace PciBus.Management.Api.PciDevices;

/// <summary>What a device is good for now, in one word derived from its facts. The first that applies counts.</summary>
internal enum PciDeviceState
{
    /// <summary>A virtual machine that is on its host owns it.</summary>
    Allocated,

    /// <summary>A virtual machine that is off or elsewhere owns it, until its host has said that it is off there.</summary>
    Stray,

    /// <summary>It is not in the host's <c>pci.devices</c>.</summary>
    Unconfigured,

    /// <summary>The host does not see it.</summary>
    Missing,
    Quarantined,

    /// <summary>The operator does not want it given out.</summary>
    Disabled,

    /// <summary>A domain that does not own it holds it.</summary>
    Foreign,

    /// <summary>It shares hardware with a device in use.</summary>
    Blocked,

    /// <summary>Its host takes no virtual machines: it is not Up, not Enabled or has not reported in this session.</summary>
    HostNotReady,

    /// <summary>It can be given out.</summary>
    Free,
}

/// <summary>A device and the state that the database derived for it.</summary>
internal sealed class PciDeviceWithState
{
    public required PciDevice Device { get; init; }

    public PciDeviceState State { get; init; }
}
