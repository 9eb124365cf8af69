using PciBus.Management.PciDevices;

namespace PciBus.Management.Api.PciDevices;

/// <summary>What a device is good for now, in one word derived from its facts. The first that applies counts.</summary>
internal enum PciDeviceState
{
    /// <summary>A virtual machine that is on its host owns it.</summary>
    Allocated,

    /// <summary>A virtual machine that is off or elsewhere owns the device, until its host says that it is off there.</summary>
    Stray,

    /// <summary>The device is not in the host's <c>pci.devices</c>.</summary>
    Unconfigured,

    /// <summary>The host does not see the device.</summary>
    Missing,

    /// <summary>The host says that the device can be given to no virtual machine.</summary>
    Unusable,
    Quarantined,

    /// <summary>The operator does not want the device given out.</summary>
    Disabled,

    /// <summary>A domain that does not own the device holds it.</summary>
    Foreign,

    /// <summary>The device shares hardware with a device in use.</summary>
    Blocked,

    /// <summary>Its host takes no virtual machines: it is not Up, not Enabled or has not reported in this session.</summary>
    HostNotReady,

    /// <summary>The device can be given out.</summary>
    Free,
}

/// <summary>A device and the state that the database derived for it.</summary>
internal sealed class PciDeviceWithState
{
    public required PciDevice Device { get; init; }

    public PciDeviceState State { get; init; }
}
