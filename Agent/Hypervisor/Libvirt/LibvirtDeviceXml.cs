using System.Globalization;
using System.Xml.Linq;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>
/// Writes a PCI device of the host as a domain has it. <c>managed='no'</c>: the device is bound to vfio-pci before a domain gets it,
/// and stays bound; libvirt would give it back to its host driver at each detach.
/// </summary>
internal static class LibvirtDeviceXml
{
    /// <summary>The alias of a device that management knows: it names the device, and under which claim the domain has it.</summary>
    public static string AliasOf(PciDeviceTO device) => string.Create(CultureInfo.InvariantCulture, $"ua-pci-{device.Id}-{device.Claim}");

    /// <param name="device">The device.</param>
    /// <param name="guestAddress">Where the guest shall see it; null for any place.</param>
    public static XElement Write(PciDeviceTO device, PciAddress? guestAddress)
    {
        var element = Write(device.Address);
        element.Add(new XElement("alias", new XAttribute("name", AliasOf(device))));
        if (guestAddress is { } place) element.Add(AddressOf(place, new XAttribute("type", "pci")));
        return element;
    }

    /// <summary>The device, with what identifies it and no more.</summary>
    public static XElement Write(PciAddress device) => new(
        "hostdev",
        new XAttribute("mode", "subsystem"),
        new XAttribute("type", "pci"),
        new XAttribute("managed", "no"),
        new XElement("source", AddressOf(device)));

    private static XElement AddressOf(PciAddress address, params XAttribute[] more) => new(
        "address",
        more,
        Hex("domain", address.Domain, 4),
        Hex("bus", address.Bus, 2),
        Hex("slot", address.Slot, 2),
        Hex("function", address.Function, 1));

    private static XAttribute Hex(string name, uint value, int digits) =>
        new(name, "0x" + value.ToString("x" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));
}
