using System.Globalization;
using System.Xml.Linq;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>
/// Writes the definition of a domain: so far its size and its identity, without disks, networks and devices. Whatever somebody has
/// named comes in through the XML writer, which escapes it, and refuses what no XML can carry.
/// </summary>
internal static class LibvirtDomainXml
{
    /// <summary>The namespace of what PciBus keeps in a domain.</summary>
    public static readonly XNamespace Ours = "urn:pcibus:domain";

    /// <param name="vm">The virtual machine.</param>
    /// <param name="type">What runs it: <c>kvm</c>, <c>qemu</c> (in software), <c>test</c>.</param>
    /// <exception cref="HypervisorException">The name has a character that XML does not allow.</exception>
    public static string Write(VirtualMachineTO vm, string type)
    {
        try
        {
            return Element(vm, type).ToString(SaveOptions.DisableFormatting);
        }
        catch (ArgumentException e)
        {
            // libvirt would say the same, were it asked.
            throw new HypervisorException(LibvirtFailures.XmlError, 0, $"XML error: {e.Message}");
        }
    }

    private static XElement Element(VirtualMachineTO vm, string type) => new(
        "domain",
        new XAttribute("type", type),
        new XElement("name", vm.Name),
        new XElement("uuid", vm.Uuid),
        new XElement("metadata", new XElement(
            Ours + "vm",
            new XAttribute(XNamespace.Xmlns + "pcibus", Ours),
            vm.StartedBy is { } number ? new XAttribute("startedBy", number.ToString(CultureInfo.InvariantCulture)) : null)),
        new XElement("memory", new XAttribute("unit", "b"), vm.MaxRam),
        new XElement("vcpu", vm.Cpus),
        new XElement("os", new XElement("type", "hvm")));
}
