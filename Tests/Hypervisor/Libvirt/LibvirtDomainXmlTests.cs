using System.Xml.Linq;
using PciBus.Agent.Hypervisor;
using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Agent.Registration;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;
using Xunit;

namespace PciBus.Tests.Hypervisor.Libvirt;

/// <summary>What is written into the definition of a domain, and what is read out of what libvirt shows.</summary>
public sealed class LibvirtDomainXmlTests
{
    private const string Before = "<domain><devices><hostdev mode='subsystem' type='pci'>";
    private const string After = "</hostdev></devices></domain>";

    private static readonly Guid Uuid = new("11111111-2222-4333-8444-555555555555");
    private static readonly PciDeviceTO Device = new() { Id = 3, Claim = 9, Address = PciAddress.Parse("28:00.1") };

    [Fact]
    public void Domain_IsWritten() => Assert.Equal(
        $"<domain type=\"kvm\"><name>i-2-10-VM</name><uuid>{Uuid}</uuid>"
            + "<metadata><pcibus:vm xmlns:pcibus=\"urn:pcibus:domain\" startedBy=\"17\" /></metadata>"
            + "<memory unit=\"b\">268435456</memory><vcpu>2</vcpu><os><type arch=\"x86_64\" machine=\"q35\">hvm</type></os>"
            + "<features><acpi /><apic /></features><cpu mode=\"host-model\" /><devices>" + Controllers(4)
            + "<serial type=\"pty\" /><channel type=\"unix\"><target type=\"virtio\" name=\"org.qemu.guest_agent.0\" /></channel>"
            + "<memballoon model=\"none\" /></devices></domain>",
        LibvirtDomainXml.Write(
            new VirtualMachineTO { Name = "i-2-10-VM", Uuid = Uuid, Cpus = 2, MaxRam = 256 << 20, StartedBy = 17 }, "kvm"));

    [Fact]
    public void GuestWithAKernel_BootsFromIt_AndItsConsoleIsKept()
    {
        var vm = new VirtualMachineTO { Name = "../vm", Uuid = Uuid };
        var root = XElement.Parse(LibvirtDomainXml.Write(
            vm, "kvm", new GuestParts { Kernel = new GuestKernel("/t/vmlinuz", "/t/initrd", "console=ttyS0 <&>"), ConsoleFolder = "/log" }));

        Assert.Equal(["type", "kernel", "initrd", "cmdline"], root.Element("os")!.Elements().Select(one => one.Name.LocalName));
        Assert.Equal(["hvm", "/t/vmlinuz", "/t/initrd", "console=ttyS0 <&>"], root.Element("os")!.Elements().Select(one => one.Value));
        Assert.Equal($"/log/{Uuid}.log", Assert.Single(root.Descendants("log")).Attribute("file")!.Value);
        root = XElement.Parse(LibvirtDomainXml.Write(vm, "kvm", new GuestParts { Kernel = new GuestKernel("/t/vmlinuz", null, "") }));
        Assert.Equal(["type", "kernel"], root.Element("os")!.Elements().Select(one => one.Name.LocalName));
    }

    [Theory]
    [InlineData(true, "bridge", "br0")]
    [InlineData(false, "network", "a<b>&\"'")]
    public void GuestWithANetwork_HasACard_OutOfThePortsForDevices(bool isBridge, string type, string name)
    {
        var vm = new VirtualMachineTO { Name = "vm", Uuid = Uuid, PciDevices = [Device] };
        var root = XElement.Parse(LibvirtDomainXml.Write(vm, "kvm", new GuestParts { Network = new LibvirtNetwork(isBridge, name) }));

        var card = Assert.Single(root.Descendants("interface"));
        Assert.Equal((type, name), (card.Attribute("type")?.Value, card.Element("source")?.Attribute(type)?.Value));
        Assert.Equal("02:cf:4c:47:32:fd", card.Element("mac")?.Attribute("address")?.Value);
        Assert.Equal(("virtio", "no"), (card.Element("model")?.Attribute("type")?.Value, card.Element("rom")?.Attribute("enabled")?.Value));
        Assert.Equal(("0", "0x11"), (card.Element("address")?.Attribute("bus")?.Value, card.Element("address")?.Attribute("slot")?.Value));
        Assert.Equal(5, root.Descendants("controller").Count(controller => controller.Attribute("model")?.Value == "pcie-root-port"));
    }

    [Theory]
    [InlineData("qcow2", false)]
    [InlineData("raw", true)]
    public void GuestWithADisk_BootsFromIt_UnlessItHasAKernel(string format, bool hasKernel)
    {
        var disk = new GuestDisk("/disks/a&b.qcow2", new DiskImage($"/t/<'\">/disk.{format}", format));
        var parts = new GuestParts { Disk = disk, Kernel = hasKernel ? new GuestKernel("/t/vmlinuz", null, "") : null };
        var element = Assert.Single(XElement.Parse(LibvirtDomainXml.Write(new VirtualMachineTO { Name = "vm", Uuid = Uuid }, "kvm", parts))
            .Descendants("disk"));

        Assert.Equal(
            "<driver name=\"qemu\" type=\"qcow2\" cache=\"none\" io=\"native\" discard=\"unmap\" />",
            element.Element("driver")!.ToString());
        Assert.Equal(disk.Path, element.Element("source")?.Attribute("file")?.Value);
        var backing = element.Element("backingStore")!;
        Assert.Equal(disk.Backing.Path, backing.Element("source")?.Attribute("file")?.Value);
        Assert.Equal(format, backing.Element("format")?.Attribute("type")?.Value);
        Assert.True(backing.Element("backingStore")!.IsEmpty);
        Assert.Equal(hasKernel ? null : "1", element.Element("boot")?.Attribute("order")?.Value);
        Assert.Equal(("0", "0x12"), (element.Element("address")?.Attribute("bus")?.Value, element.Element("address")?.Attribute("slot")?.Value));
    }

    [Fact]
    public void Card_HasTheAddressOfItsVirtualMachine_OnEachHost()
    {
        Assert.Equal(LibvirtNicXml.AddressOf(Uuid), LibvirtNicXml.AddressOf(new Guid(Uuid.ToString().ToUpperInvariant())));
        var others = Enumerable.Range(0, 100).Select(number => LibvirtNicXml.AddressOf(new Guid(number, 0, 0, new byte[8]))).ToList();
        Assert.Equal(100, others.Distinct().Count());
        Assert.All(others, address => Assert.Matches("^02(:[0-9a-f]{2}){5}$", address));
    }

    [Fact]
    public void DomainWithDevices_HasItsMemoryLocked_AndAPortForEach()
    {
        var vm = new VirtualMachineTO { Name = "vm", Uuid = Uuid, PciDevices = [Device, Device with { Id = 4, Address = PciAddress.Parse("28:00.2") }] };
        var root = XElement.Parse(LibvirtDomainXml.Write(vm, "qemu"));

        Assert.NotNull(root.Element("memoryBacking")?.Element("locked"));
        Assert.Null(root.Element("cpu"));
        Assert.Equal(["ua-pci-3-9", "ua-pci-4-9"], root.Descendants("alias").Select(alias => alias.Attribute("name")!.Value));
        Assert.Equal(6, root.Descendants("controller").Count(controller => controller.Attribute("model")?.Value == "pcie-root-port"));
        var shown = LibvirtDomainReader.Read(new LibvirtDomain(Uuid, "vm", LibvirtDomainState.Running, 1, root.ToString()));
        Assert.Equal(vm.PciDevices.Select(device => device.Address), shown.PciDevices);
    }

    [Fact]
    public void Device_IsWritten() => Assert.Equal(
        "<hostdev mode=\"subsystem\" type=\"pci\" managed=\"no\"><source><address domain=\"0x10000\" bus=\"0x28\" slot=\"0x1f\" function=\"0x7\" />"
            + "</source><alias name=\"ua-pci-3-9\" /><address type=\"pci\" domain=\"0x0000\" bus=\"0x05\" slot=\"0x00\" function=\"0x0\" /></hostdev>",
        LibvirtDeviceXml.Write(Device with { Address = PciAddress.Parse("10000:28:1f.7") }, PciAddress.Parse("05:00.0")).ToString(SaveOptions.DisableFormatting));

    [Theory]
    [InlineData("0000:01:00.0", false)]
    [InlineData("0000:02:00.0", true)]
    [InlineData("0000:10:00.0", true)]
    [InlineData("0000:03:00.0", false)]
    [InlineData("0000:02:01.0", false)]
    [InlineData("0001:02:00.0", false)]
    [InlineData("0000:00:02.0", false)]
    public void Place_IsFree_WhereThereIsAPort_AndNothingInIt(string place, bool isFree)
    {
        const string xml = """
            <domain><devices><controller type='pci' index='0' model='pcie-root'/>
              <controller type='pci' index='1' model='pcie-root-port'><address type='pci' domain='0x0000' bus='0x00' slot='0x01' function='0x0'/></controller>
              <controller type='pci' index='2' model='pcie-root-port'/><controller type='pci' index='16' model='pcie-root-port'/>
              <rng><address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></rng></devices></domain>
            """;

        Assert.Equal(isFree, LibvirtDomainReader.IsFree(new LibvirtDomain(Uuid, "vm", LibvirtDomainState.Running, 1, xml), PciAddress.Parse(place)));
    }

    [Theory]
    [InlineData(LibvirtDomainState.Running, 1, false, LibvirtJobOperation.Unknown, false, DomainStatus.Running)]
    [InlineData(LibvirtDomainState.Running, 1, true, LibvirtJobOperation.MigrationOut, true, DomainStatus.Running)]
    [InlineData(LibvirtDomainState.Paused, 2, true, LibvirtJobOperation.MigrationOut, true, DomainStatus.Paused)]
    [InlineData(LibvirtDomainState.Paused, 2, true, LibvirtJobOperation.MigrationIn, true, DomainStatus.Incoming)]
    [InlineData(LibvirtDomainState.Paused, 11, true, LibvirtJobOperation.MigrationIn, true, DomainStatus.Incoming)]
    [InlineData(LibvirtDomainState.Paused, 11, false, LibvirtJobOperation.Unknown, true, DomainStatus.Paused)]
    [InlineData(LibvirtDomainState.Paused, 1, false, LibvirtJobOperation.Unknown, false, DomainStatus.Paused)]
    [InlineData(LibvirtDomainState.Shutdown, 1, false, LibvirtJobOperation.Unknown, true, DomainStatus.Running)]
    internal void Job_TellsWhetherItIsComing_OrChangesOtherwise(
        LibvirtDomainState state, int reason, bool isActive, LibvirtJobOperation operation, bool hasJob, DomainStatus status)
    {
        var domain = LibvirtDomainReader.Read(
            new LibvirtDomain(Uuid, "vm", state, reason, "<domain/>") { Job = new LibvirtJob(isActive, operation) });

        Assert.Equal((hasJob, status), (domain.HasJob, domain.Status));
    }

    [Theory]
    [InlineData("</name><devices><hostdev/></devices><name>")]
    [InlineData("a&b<c>\"d'e")]
    [InlineData("]]><!-- &amp; -->")]
    [InlineData("Zoë 山田 \U0001f600")]
    public void HostileName_StaysAName(string name)
    {
        var root = XElement.Parse(LibvirtDomainXml.Write(new VirtualMachineTO { Name = name, Uuid = Uuid }, "kvm"));

        Assert.Equal(name, root.Element("name")?.Value);
        Assert.Equal(
            ["name", "uuid", "metadata", "memory", "vcpu", "os", "features", "cpu", "devices"],
            root.Elements().Select(element => element.Name.LocalName));
    }

    [Fact]
    public void NameThatNoXmlCanCarry_IsRefused()
    {
        var vm = new VirtualMachineTO { Name = "a\u0001b", Uuid = Uuid };
        var refusal = Assert.Throws<HypervisorException>(() => LibvirtDomainXml.Write(vm, "kvm"));
        Assert.Equal((27, false), (refusal.Code, refusal.OutcomeUnknown));
    }

    [Fact]
    public void Domain_IsRead_WithItsDevices()
    {
        const string xml = """
            <domain type='kvm' id='1'><name>i-2-10-VM</name>
              <metadata><pcibus:vm xmlns:pcibus='urn:pcibus:domain' startedBy='17'/></metadata>
              <devices>
                <hostdev mode='subsystem' type='pci' managed='no'><driver name='vfio'/>
                  <source><address domain='0x0000' bus='0x28' slot='0x1f' function='0x7'/></source>
                  <alias name='ua-pci-3-9'/><address type='pci' domain='0x0000' bus='0x05' slot='0x00' function='0x0'/></hostdev>
                <hostdev mode='subsystem' type='usb'><source><address bus='1' device='2'/></source></hostdev>
                <interface type='hostdev'><source><address type='pci' domain='65536' bus='40' slot='0' function='1'/></source></interface>
                <interface type='network'><source network='default'/></interface>
              </devices></domain>
            """;
        var domain = LibvirtDomainReader.Read(new LibvirtDomain(Uuid, "i-2-10-VM", LibvirtDomainState.Paused, 1, xml));

        Assert.Equal((Uuid, "i-2-10-VM", DomainState.Paused), (domain.Uuid, domain.Name, domain.State));
        Assert.Equal((false, 17L), (domain.HasJob, domain.StartedBy));
        Assert.Equal([PciAddress.Parse("0000:28:1f.7"), PciAddress.Parse("10000:28:00.1")], domain.PciDevices);
        Assert.Equal("0000:05:00.0", domain.GuestAddressOf(domain.PciDevices[0]));
        Assert.Equal("", domain.GuestAddressOf(domain.PciDevices[1]));
    }

    [Theory]
    [InlineData("org.qemu.guest_agent.0", "connected", true)]
    [InlineData("org.qemu.guest_agent.0", "disconnected", false)]
    [InlineData("com.redhat.spice.0", "connected", false)]
    public void GuestAgent_IsReadFromItsChannel(string name, string state, bool isConnected)
    {
        var xml = $"<domain><devices><channel type='unix'><target type='virtio' name='{name}' state='{state}'/></channel></devices></domain>";

        Assert.Equal(isConnected, LibvirtDomainReader.Read(new LibvirtDomain(Uuid, "vm", LibvirtDomainState.Running, 1, xml)).GuestAgent);
    }

    [Theory]
    [InlineData("", "no XML")]
    [InlineData("<domain>", "no XML")]
    [InlineData("<!DOCTYPE d [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><domain>&e;</domain>", "no XML")]
    [InlineData("<network/>", "no domain but a network")]
    [InlineData(Before + After, "has no domain in its address")]
    [InlineData(Before + "<source><address domain='0' bus='0x100' slot='0' function='0'/></source>" + After, "the bus \"0x100\"")]
    [InlineData(Before + "<source><address domain='0' bus='-1' slot='0' function='0'/></source>" + After, "the bus \"-1\"")]
    [InlineData(Before + "<source><address domain='0' bus='1' slot='32' function='0'/></source>" + After, "the slot \"32\"")]
    public void WhatIsNoDomain_IsSaidSo(string xml, string reason)
    {
        var domain = new LibvirtDomain(Uuid, "vm", LibvirtDomainState.Running, 1, xml);

        var refusal = Assert.Throws<FormatException>(() => LibvirtDomainReader.Read(domain));
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(LibvirtDomainState.None, DomainState.Running)]
    [InlineData(LibvirtDomainState.Running, DomainState.Running)]
    [InlineData(LibvirtDomainState.Blocked, DomainState.Running)]
    [InlineData(LibvirtDomainState.Shutdown, DomainState.Running)]
    [InlineData(LibvirtDomainState.Paused, DomainState.Paused)]
    [InlineData(LibvirtDomainState.PowerManagementSuspended, DomainState.Paused)]
    [InlineData(LibvirtDomainState.Crashed, DomainState.Crashed)]
    internal void State_IsOneOfOurs(LibvirtDomainState state, DomainState ours) => Assert.Equal(ours, LibvirtDomainReader.StateOf(state));

    private static string Controllers(int ports) => "<controller type=\"pci\" index=\"0\" model=\"pcie-root\" />"
        + string.Concat(Enumerable.Range(1, ports).Select(port => $"<controller type=\"pci\" index=\"{port}\" model=\"pcie-root-port\" />"))
        + "<controller type=\"usb\" model=\"none\" /><controller type=\"virtio-serial\" index=\"0\"><address type=\"pci\" bus=\"0\" slot=\"0x10\" /></controller>";
}
