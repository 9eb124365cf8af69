using System.Text.Json.Serialization;

namespace PciBus.Contracts.PciDevices;

/// <summary>What happened to a device of a running VM. A detach is a request: the guest may answer late or never.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<HotplugState>))]
public enum HotplugState
{
    /// <summary>Not known: the hypervisor could not be asked, or may still do what it was asked.</summary>
    Unknown,

    /// <summary>The guest was asked to let go of the device and still has time to.</summary>
    Detaching,

    /// <summary>The domain does not have the device any more.</summary>
    Removed,

    /// <summary>The guest said no; the domain has it.</summary>
    Refused,

    /// <summary>The guest said nothing: the domain has it and may lose it at any later moment, at a reboot for sure.</summary>
    Pending,

    /// <summary>The hypervisor would not, see the reason. A device to detach is still there, a device to attach is not.</summary>
    Failed,

    /// <summary>The device is being attached.</summary>
    Attaching,

    /// <summary>The domain has it.</summary>
    Attached,

    /// <summary>The device was removed and the domain has it again, as the reason for its removal did not come about.</summary>
    Reattached,
}
