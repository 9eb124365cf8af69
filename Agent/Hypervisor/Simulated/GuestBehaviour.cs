using System.Text.Json.Serialization;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Hypervisor.Simulated;

/// <summary>What a simulated guest does when it is asked to let go of a device.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<GuestBehaviour>))]
internal enum GuestBehaviour
{
    /// <summary>It lets go after <c>simulator.hotplug.time</c>.</summary>
    Willing,

    /// <summary>No hot-plug driver: it says nothing, and a reset removes the device.</summary>
    Deaf,

    /// <summary>It lets go after <see cref="FaultPlan.SlowTime"/>.</summary>
    Slow,

    /// <summary>It refuses, with DEVICE_REMOVAL_FAILED. Never seen of PCI devices on x86 (QEMU tells it of memory and CPUs).</summary>
    Refusing,

    /// <summary>QEMU refuses at once: the slot's power indicator blinks.</summary>
    Busy,

    /// <summary>The device is on a port without hot-plug: libvirt refuses at once.</summary>
    NoHotplug,

    /// <summary>It lets go, and the event is lost: only the domain shows it.</summary>
    Silent,
}

/// <summary>How a guest treats devices that it shall let go of.</summary>
/// <param name="Behaviour">What it does.</param>
/// <param name="Domain">The domain's uuid; null for all.</param>
/// <param name="Device">The host's device; null for all.</param>
internal sealed record GuestFault(GuestBehaviour Behaviour, Guid? Domain = null, PciAddress? Device = null)
{
    public bool IsOf(Guid domain, PciAddress device) => (Domain ?? domain) == domain && (Device ?? device) == device;
}
