using System.Globalization;
using System.Security.Cryptography;
using System.Xml;
using System.Xml.Linq;
using PciBus.Agent.Registration;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>Writes the XML of domains and devices. What comes from the API gets into it as values of elements and attributes only.</summary>
internal sealed class DomainXmlWriter(KvmProperties settings)
{
    /// <summary>QEMU's own memory, and what a guest's devices map, beside the guest's RAM.</summary>
    private const long QemuMemory = 2L << 30;

    /// <summary>The domain of a VM.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="disk">Its disk; null for none.</param>
    public string Write(VirtualMachineTO vm, string? disk)
    {
        var isEmulated = settings.DomainType == "qemu";
        return Text(new XElement(
            "domain",
            new XAttribute("type", settings.DomainType),
            new XElement("name", vm.Name),
            new XElement("uuid", vm.Uuid),
            vm.HostName is { Length: > 0 } hostName ? new XElement("description", Printable(hostName)) : null,
            new XElement("memory", new XAttribute("unit", "b"), vm.MaxRam),
            Memory(vm),
            new XElement("vcpu", Math.Max(1, vm.Cpus)),
            Boot(disk is not null),
            new XElement("features", new XElement("acpi"), new XElement("apic")),
            Cpu(isEmulated),
            new XElement("clock", new XAttribute("offset", "utc")),
            new XElement("on_poweroff", "destroy"),
            new XElement("on_reboot", "restart"),
            new XElement("on_crash", "destroy"),
            new XElement("devices", Devices(vm, disk))));
    }

    /// <summary>A device of the host, for a domain.</summary>
    /// <param name="device">The device.</param>
    /// <param name="guestAddress">Where the guest shall see it; null for anywhere.</param>
    public static string Write(PciDeviceTO device, string? guestAddress) => Text(HostDevice(device, guestAddress));

    private static IEnumerable<XElement> Memory(VirtualMachineTO vm)
    {
        if (vm.PciDevices.Count == 0) yield break;
        // The devices reach all of it at any time. Locked needs a limit, which is far enough above what is used: a VM that reaches it dies.
        var limit = vm.MaxRam + (vm.MaxRam / 8) + QemuMemory;
        yield return new XElement("memoryBacking", new XElement("locked"));
        yield return new XElement("memtune", new XElement("hard_limit", new XAttribute("unit", "b"), limit));
    }

    private XElement Boot(bool hasDisk) => new(
        "os",
        new XElement("type", new XAttribute("arch", "x86_64"), new XAttribute("machine", settings.Machine), "hvm"),
        settings.Kernel is { } kernel ? new XElement("kernel", kernel) : null,
        settings.Kernel is not null && settings.Initrd is { } initrd ? new XElement("initrd", initrd) : null,
        settings.Kernel is not null && settings.CommandLine is { } commandLine ? new XElement("cmdline", commandLine) : null,
        settings.Kernel is null && hasDisk ? new XElement("boot", new XAttribute("dev", "hd")) : null);

    private XElement Cpu(bool isEmulated)
    {
        if (settings.Cpu is "host-passthrough" or "host-model") return new XElement("cpu", new XAttribute("mode", settings.Cpu), new XAttribute("check", "partial"));
        return new XElement(
            "cpu",
            new XAttribute("mode", "custom"),
            new XAttribute("match", "exact"),
            new XAttribute("check", isEmulated ? "none" : "partial"),
            new XElement("model", settings.Cpu));
    }

    private IEnumerable<XElement> Devices(VirtualMachineTO vm, string? disk)
    {
        List<XElement> own = [];
        if (disk is not null) own.Add(Disk(disk));
        if (settings.Bridge is { } bridge) own.Add(Network(vm.Uuid, bridge));
        own.Add(new XElement("controller", new XAttribute("type", "virtio-serial"), new XAttribute("index", 0)));
        return
        [
            // A port for each device, as a port of q35 takes one, and a bus can't be added to a domain that runs.
            new XElement("controller", new XAttribute("type", "pci"), new XAttribute("index", 0), new XAttribute("model", "pcie-root")),
            .. Enumerable.Range(1, own.Count + vm.PciDevices.Count + settings.SparePorts).Select(index => new XElement(
                "controller", new XAttribute("type", "pci"), new XAttribute("index", index), new XAttribute("model", "pcie-root-port"))),
            new XElement("controller", new XAttribute("type", "usb"), new XAttribute("model", "none")),
            .. own,
            .. Console(vm.Uuid),
            new XElement(
                "channel",
                new XAttribute("type", "unix"),
                new XElement("target", new XAttribute("type", "virtio"), new XAttribute("name", "org.qemu.guest_agent.0"))),
            // Memory that a device reaches cannot be taken back.
            new XElement("memballoon", new XAttribute("model", "none")),
            .. vm.PciDevices.Select(device => HostDevice(device, null)),
        ];
    }

    private static XElement Disk(string path) => new(
        "disk",
        new XAttribute("type", "file"),
        new XAttribute("device", "disk"),
        // Without the host's cache, as two hosts have the file open during a migration.
        new XElement("driver", new XAttribute("name", "qemu"), new XAttribute("type", "qcow2"), new XAttribute("cache", "none")),
        new XElement("source", new XAttribute("file", path)),
        new XElement("target", new XAttribute("dev", "vda"), new XAttribute("bus", "virtio")));

    private static XElement Network(Guid vm, string bridge) => new(
        "interface",
        new XAttribute("type", "bridge"),
        new XElement("mac", new XAttribute("address", MacOf(vm))),
        new XElement("source", new XAttribute("bridge", bridge)),
        new XElement("model", new XAttribute("type", "virtio")));

    private IEnumerable<XElement> Console(Guid vm)
    {
        var log = settings.Consoles is { } folder
            ? new XElement("log", new XAttribute("file", Path.Combine(folder, $"{vm}.log")), new XAttribute("append", "on"))
            : null;
        yield return new XElement("serial", new XAttribute("type", "pty"), log, new XElement("target", new XAttribute("port", 0)));
        yield return new XElement("console", new XAttribute("type", "pty"), new XElement("target", new XAttribute("type", "serial"), new XAttribute("port", 0)));
    }

    /// <summary>The agent binds the device and takes care of it, so it is not managed by libvirt.</summary>
    private static XElement HostDevice(PciDeviceTO device, string? guestAddress) => new(
        "hostdev",
        new XAttribute("mode", "subsystem"),
        new XAttribute("type", "pci"),
        new XAttribute("managed", "no"),
        new XElement("source", Address(device.Address)),
        new XElement("alias", new XAttribute("name", DeviceAlias.Of(device))),
        PciAddress.TryParse(guestAddress, out var place, out _) ? Address(place, new XAttribute("type", "pci")) : null);

    private static XElement Address(PciAddress address, params XAttribute[] before) => new(
        "address",
        before,
        Part("domain", address.Domain),
        Part("bus", address.Bus),
        Part("slot", address.Slot),
        Part("function", address.Function));

    private static XAttribute Part(string name, uint value) => new(name, string.Create(CultureInfo.InvariantCulture, $"0x{value:x2}"));

    /// <summary>The same at each start and on each host.</summary>
    private static string MacOf(Guid vm) => "02:" + string.Join(':', SHA256.HashData(vm.ToByteArray()).Take(5).Select(part => part.ToString("x2", CultureInfo.InvariantCulture)));

    /// <summary>What XML can hold of a text that is for reading only.</summary>
    private static string Printable(string text) => string.Concat(text.Where((character, index) =>
        XmlConvert.IsXmlChar(character)
        || (index + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[index + 1], character))
        || (index > 0 && XmlConvert.IsXmlSurrogatePair(character, text[index - 1]))));

    private static string Text(XElement element)
    {
        try
        {
            return element.ToString(SaveOptions.DisableFormatting);
        }
        catch (ArgumentException e)
        {
            throw new HypervisorException(Native.LibvirtError.XmlError, 0, $"XML error: {e.Message}");
        }
    }
}
