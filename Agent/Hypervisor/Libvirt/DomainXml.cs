using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using PciBus.Agent.Hypervisor.Libvirt.Native;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>What the agent reads in the XML of a domain, as libvirt gives it.</summary>
/// <param name="Uuid">The domain.</param>
/// <param name="Name">Its name.</param>
/// <param name="HostDevices">The host's PCI devices that it holds, network interfaces among them.</param>
/// <param name="TakenGuestAddresses">Where the guest sees PCI devices of whatever sort.</param>
internal sealed record DomainXml(
    Guid Uuid, string Name, IReadOnlyList<HostDevice> HostDevices, IReadOnlySet<string> TakenGuestAddresses)
{
    private const int FromDomainXml = 20;

    /// <exception cref="HypervisorException">It is not XML, or not that of a domain.</exception>
    public static DomainXml Read(string xml)
    {
        try
        {
            using var reader = XmlReader.Create(new StringReader(xml), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            var domain = XDocument.Load(reader).Root!;
            if (!Guid.TryParse((string?)domain.Element("uuid"), out var uuid)) throw Bad("the domain has no uuid");
            var devices = domain.Element("devices")?.Elements().ToList() ?? [];
            return new DomainXml(
                uuid,
                (string?)domain.Element("name") ?? "",
                [.. devices.Where(IsHostDevice).Select(ReadHostDevice)],
                devices.Select(GuestAddressOf).OfType<string>().ToHashSet());
        }
        catch (XmlException e)
        {
            throw Bad(e.Message);
        }
    }

    private static bool IsHostDevice(XElement device) =>
        (device.Name == "hostdev" && (string?)device.Attribute("type") == "pci")
        || (device.Name == "interface" && (string?)device.Attribute("type") == "hostdev");

    private static HostDevice ReadHostDevice(XElement device) => new(
        AddressIn(device.Element("source")?.Element("address")) ?? throw Bad("a device of the host has no address"),
        GuestAddressOf(device),
        (string?)device.Element("alias")?.Attribute("name"));

    /// <summary>Null for a device that is not on the guest's PCI bus, or has no place on it yet.</summary>
    private static string? GuestAddressOf(XElement device) =>
        device.Element("address") is { } address && (string?)address.Attribute("type") == "pci" ? AddressIn(address)?.ToString() : null;

    private static PciAddress? AddressIn(XElement? element)
    {
        if (element is null) return null;
        var (domain, bus, slot, function) = (Part("domain", uint.MaxValue), Part("bus", byte.MaxValue), Part("slot", PciAddress.MaxSlot), Part("function", PciAddress.MaxFunction));
        return bus is null || slot is null ? null : new PciAddress(domain ?? 0, (byte)bus, (byte)slot, (byte)(function ?? 0));

        uint? Part(string name, uint max)
        {
            if ((string?)element.Attribute(name) is not { } text) return null;
            var isHex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
            return uint.TryParse(isHex ? text[2..] : text, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                && value <= max
                    ? value
                    : throw Bad($"{name}=\"{text}\" is no part of a PCI address");
        }
    }

    private static HypervisorException Bad(string what) => new(LibvirtError.XmlError, FromDomainXml, $"XML error: {what}");
}
