using System.Text.Json.Serialization;

namespace PciBus.Contracts.PciDevices;

/// <summary>What happened to a device of a running VM. A detach is a request: the guest may answer late or never.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<HotplugState>))]
public enum HotplugState
{
    /// <summary>Not known: the hypervisor could not be asked, or may yet do what it was asked.</summary>
    Unknown,

    /// <summary>The guest was asked to let go of it and still has time to.</summary>
    Detaching,

    /// <summary>The domain has it no more.</summary>
    Removed,

    /// <summary>The guest said no; the domain has it.</summary>
    Refused,

    /// <summary>The guest said nothing: the domain has it and may lose it at any later moment, at a reboot for sure.</summary>
    Pending,

    /// <summary>The hypervisor would not, see the reason. A device to detach is still there, one to attach is not.</summary>
    Failed,

    /// <summary>It is being attached.</summary>
    Attaching,

    /// <summary>The domain has it.</summary>
    Attached,

    /// <summary>It was removed and the domain has it again, as what it was removed for did not come about.</summary>
    Reattached,
}
