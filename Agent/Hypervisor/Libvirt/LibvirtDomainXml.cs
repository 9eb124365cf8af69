using System.Globalization;
using System.Xml.Linq;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>
/// Writes the definition of a domain: its identity, its size, its PCI devices and free ports for more, a network card, a disk, a serial
/// console, and a channel for a guest agent. Whatever somebody has named comes in through the XML writer, which escapes it, and refuses
/// what no XML can carry.
/// </summary>
internal static class LibvirtDomainXml
{
    /// <summary>The namespace of what PciBus keeps in a domain.</summary>
    public static readonly XNamespace Ours = "urn:pcibus:domain";

    /// <summary>The channel on which QEMU's guest agent listens. libvirt shows whether it does.</summary>
    public const string GuestAgent = "org.qemu.guest_agent.0";

    /// <summary>Ports that are free when a domain starts: so many devices can be plugged in beside those that it starts with.</summary>
    private const int SparePorts = 4;

    /// <param name="vm">The virtual machine.</param>
    /// <param name="type">What runs it: <c>kvm</c>, <c>qemu</c> (in software), <c>test</c>.</param>
    /// <param name="parts">What the host gives to its guest; null: nothing.</param>
    /// <exception cref="HypervisorException">The name has a character that XML does not allow.</exception>
    public static string Write(VirtualMachineTO vm, string type, GuestParts? parts = null)
    {
        try
        {
            return Element(vm, type, parts ?? new GuestParts()).ToString(SaveOptions.DisableFormatting);
        }
        catch (ArgumentException e)
        {
            // libvirt would say the same, were it asked.
            throw new HypervisorException(LibvirtFailures.XmlError, 0, $"XML error: {e.Message}");
        }
    }

    private static XElement Element(VirtualMachineTO vm, string type, GuestParts parts) => new(
        "domain",
        new XAttribute("type", type),
        new XElement("name", vm.Name),
        new XElement("uuid", vm.Uuid),
        new XElement("metadata", new XElement(
            Ours + "vm",
            new XAttribute(XNamespace.Xmlns + "pcibus", Ours),
            vm.StartedBy is { } number ? new XAttribute("startedBy", Number(number)) : null)),
        new XElement("memory", new XAttribute("unit", "b"), vm.MaxRam),
        // A device writes to the guest's memory past the host's kernel: none of it may be anywhere else.
        vm.PciDevices.Count > 0 ? new XElement("memoryBacking", new XElement("locked")) : null,
        new XElement("vcpu", vm.Cpus),
        new XElement(
            "os",
            new XElement("type", new XAttribute("arch", "x86_64"), new XAttribute("machine", "q35"), "hvm"),
            Boot(parts.Kernel)),
        new XElement("features", new XElement("acpi"), new XElement("apic")),
        // What libvirt calls the host's model it can have at any other host that has as much.
        type == "kvm" ? new XElement("cpu", new XAttribute("mode", "host-model")) : null,
        new XElement("devices", Devices(vm, parts)));

    private static IEnumerable<XElement> Boot(GuestKernel? kernel)
    {
        if (kernel is null) yield break;
        yield return new XElement("kernel", kernel.Kernel);
        if (kernel.InitialFileSystem is { } file) yield return new XElement("initrd", file);
        if (kernel.CommandLine.Length > 0) yield return new XElement("cmdline", kernel.CommandLine);
    }

    private static IEnumerable<XElement> Devices(VirtualMachineTO vm, GuestParts parts)
    {
        // Devices can be plugged only into root ports, each of which has room for one; what libvirt adds by itself is kept out of them.
        yield return Controller("pci", "pcie-root", 0);
        for (var port = 1; port <= vm.PciDevices.Count + SparePorts; port++) yield return Controller("pci", "pcie-root-port", port);
        yield return new XElement("controller", new XAttribute("type", "usb"), new XAttribute("model", "none"));
        yield return new XElement(
            "controller",
            new XAttribute("type", "virtio-serial"),
            new XAttribute("index", "0"),
            OnBoard(0x10));
        if (parts.Network is { } network) yield return LibvirtNicXml.Write(network, vm.Uuid, OnBoard(0x11));
        if (parts.Disk is { } disk) yield return LibvirtDiskXml.Write(disk, boots: parts.Kernel is null, OnBoard(0x12));
        foreach (var device in vm.PciDevices) yield return LibvirtDeviceXml.Write(device, guestAddress: null);
        yield return new XElement("serial", new XAttribute("type", "pty"), Log(vm, parts.ConsoleFolder));
        yield return new XElement(
            "channel",
            new XAttribute("type", "unix"),
            new XElement("target", new XAttribute("type", "virtio"), new XAttribute("name", GuestAgent)));
        // It could take nothing away from a guest whose memory is locked.
        yield return new XElement("memballoon", new XAttribute("model", "none"));
    }

    /// <summary>A file for each domain, named by uuid: a name could lead elsewhere.</summary>
    private static XElement? Log(VirtualMachineTO vm, string? folder) => folder is null ? null : new XElement(
        "log", new XAttribute("file", Path.Combine(folder, $"{vm.Uuid}.log")), new XAttribute("append", "on"));

    /// <summary>A slot of the guest's board itself, where nothing can be plugged in while it runs.</summary>
    private static XElement OnBoard(int slot) => new(
        "address", new XAttribute("type", "pci"), new XAttribute("bus", "0"), new XAttribute("slot", $"0x{slot:x}"));

    private static XElement Controller(string type, string model, int index) => new(
        "controller", new XAttribute("type", type), new XAttribute("index", Number(index)), new XAttribute("model", model));

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
