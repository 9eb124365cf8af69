using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using PciBus.Agent.Registration;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>Writes a guest's network card as a domain has it.</summary>
internal static class LibvirtNicXml
{
    /// <summary>Addresses that begin so are no maker's, and name one card. Five bytes are left to tell cards apart.</summary>
    private const string OfNoMaker = "02";

    /// <param name="network">What the card is connected to.</param>
    /// <param name="vm">Uuid of the virtual machine.</param>
    /// <param name="place">Where the guest sees it, out of the ports for devices that are plugged in.</param>
    public static XElement Write(LibvirtNetwork network, Guid vm, XElement place)
    {
        var type = network.IsBridge ? "bridge" : "network";
        return new XElement(
            "interface",
            new XAttribute("type", type),
            new XElement("mac", new XAttribute("address", AddressOf(vm))),
            new XElement("source", new XAttribute(type, network.Name)),
            new XElement("model", new XAttribute("type", "virtio")),
            // No guest boots from a network that nobody has chosen for it, and hosts need not have the same boot program.
            new XElement("rom", new XAttribute("enabled", "no")),
            place);
    }

    /// <summary>The address of the card of a virtual machine: always the same, wherever it runs, and nowhere kept.</summary>
    public static string AddressOf(Guid vm)
    {
        var hash = SHA256.HashData(Encoding.ASCII.GetBytes(vm.ToString()));
        return string.Join(':', [OfNoMaker, .. hash.Take(5).Select(part => part.ToString("x2", CultureInfo.InvariantCulture))]);
    }
}
