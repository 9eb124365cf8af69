using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>Reads what libvirt shows of a domain that exists.</summary>
internal static class LibvirtDomainReader
{
    /// <exception cref="FormatException">The XML is not that of a domain, and why.</exception>
    public static Domain Read(LibvirtDomain domain)
    {
        var root = Parse(domain.Xml);
        var devices = DevicesOf(root);
        return new Domain(domain.Uuid, domain.Name, StateOf(domain.State), domain.IsChanging, [.. devices.Select(device => device.Address)])
        {
            // The source is paused as well while it switches over; its job is another.
            Incoming = domain.Job?.Is(LibvirtJobOperation.MigrationIn) == true,
            GuestAgent = root.Elements("devices").Elements("channel").Elements("target").Any(target =>
                target.Attribute("name")?.Value == LibvirtDomainXml.GuestAgent && target.Attribute("state")?.Value == "connected"),
            GuestAddresses = [.. devices.Select(device => device.GuestAddress)],
            StartedBy = long.TryParse(
                root.Element("metadata")?.Element(LibvirtDomainXml.Ours + "vm")?.Attribute("startedBy")?.Value,
                NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null,
        };
    }

    /// <summary>The host's PCI devices that the domain holds, in its order.</summary>
    /// <inheritdoc cref="Read"/>
    public static IReadOnlyList<LibvirtHostDevice> DevicesOf(LibvirtDomain domain) => DevicesOf(Parse(domain.Xml));

    /// <summary>Whether the guest has a root port there, and nothing in it.</summary>
    /// <inheritdoc cref="Read"/>
    public static bool IsFree(LibvirtDomain domain, PciAddress guestAddress)
    {
        var devices = Parse(domain.Xml).Elements("devices").Elements().ToList();
        var bus = guestAddress.Bus.ToString(CultureInfo.InvariantCulture);
        // A root port is a bus of its own, with its index for a number and a single slot.
        return guestAddress is { Domain: 0, Slot: 0, Function: 0 }
            && devices.Any(device => device.Name == "controller"
                && device.Attribute("model")?.Value == "pcie-root-port" && device.Attribute("index")?.Value == bus)
            && devices.Select(device => device.Element("address")).Where(address => address?.Attribute("type")?.Value == "pci")
                .All(address => AddressOf(address).Bus != guestAddress.Bus);
    }

    /// <summary>Each state in which a domain exists is one of ours: it holds its devices.</summary>
    public static DomainState StateOf(LibvirtDomainState state) => state switch
    {
        // A guest that suspended itself hears as little as a paused one.
        LibvirtDomainState.Paused or LibvirtDomainState.PowerManagementSuspended => DomainState.Paused,
        LibvirtDomainState.Crashed => DomainState.Crashed,
        _ => DomainState.Running,
    };

    private static List<LibvirtHostDevice> DevicesOf(XElement root) =>
    [
        .. root.Elements("devices").Elements().Where(IsHostDevice).Select(device => new LibvirtHostDevice(
            AddressOf(device.Element("source")?.Element("address")),
            device.Element("address") is { } address ? AddressOf(address).ToString() : "",
            device.Element("alias")?.Attribute("name")?.Value)),
    ];

    /// <summary>A PCI device of the host, given as such or as a network interface.</summary>
    private static bool IsHostDevice(XElement device) =>
        (device.Name == "hostdev" && device.Attribute("mode")?.Value == "subsystem" && device.Attribute("type")?.Value == "pci")
        || (device.Name == "interface" && device.Attribute("type")?.Value == "hostdev");

    private static PciAddress AddressOf(XElement? address) => new(
        NumberOf(address, "domain", uint.MaxValue),
        (byte)NumberOf(address, "bus", byte.MaxValue),
        (byte)NumberOf(address, "slot", PciAddress.MaxSlot),
        (byte)NumberOf(address, "function", PciAddress.MaxFunction));

    private static uint NumberOf(XElement? address, string part, uint most)
    {
        var text = address?.Attribute(part)?.Value ?? throw new FormatException($"a PCI device of the domain has no {part} in its address");
        var isHex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        var isNumber = uint.TryParse(
            isHex ? text.AsSpan(2) : text,
            isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var number);
        return isNumber && number <= most ? number : throw new FormatException($"a PCI device of the domain has the {part} \"{text}\"");
    }

    private static XElement Parse(string xml)
    {
        try
        {
            using var reader = XmlReader.Create(new StringReader(xml), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
            var root = XElement.Load(reader);
            return root.Name == "domain" ? root : throw new FormatException($"libvirt shows no domain but a {root.Name}");
        }
        catch (XmlException e)
        {
            throw new FormatException($"libvirt shows a domain that is no XML: {e.Message}", e);
        }
    }
}
