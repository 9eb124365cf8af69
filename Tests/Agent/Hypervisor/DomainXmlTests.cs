using System.Xml.Linq;
using CsCheck;
using PciBus.Agent.Hypervisor;
using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Agent.Registration;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;
using Xunit;

namespace PciBus.Tests.Agent.Hypervisor;

public sealed class DomainXmlTests
{
    /// <summary>As libvirt 9.0 gives it, cut down to what matters.</summary>
    private const string Live = """
        <domain type='kvm' id='3'>
          <name>i-2-10-VM</name>
          <uuid>11111111-2222-4333-8444-555555555551</uuid>
          <devices>
            <controller type='pci' index='1' model='pcie-root-port'>
              <alias name='pci.1'/>
              <address type='pci' domain='0x0000' bus='0x00' slot='0x02' function='0x0' multifunction='on'/>
            </controller>
            <controller type='virtio-serial' index='0'>
              <address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>
            </controller>
            <channel type='unix'><address type='virtio-serial' controller='0' bus='0' port='1'/></channel>
            <interface type='hostdev' managed='no'>
              <source><address type='pci' domain='0x0000' bus='0x03' slot='0x10' function='0x2'/></source>
              <alias name='hostdev0'/>
              <address type='pci' domain='0x0000' bus='0x02' slot='0x00' function='0x0'/>
            </interface>
            <interface type='bridge'><source bridge='br0'/></interface>
            <hostdev mode='subsystem' type='pci' managed='no'>
              <driver name='vfio'/>
              <source><address domain='0x10000' bus='0x28' slot='0x1f' function='0x7'/></source>
              <alias name='ua-pci-17-3-10000_28_1f_7'/>
              <address type='pci' domain='0x0000' bus='0x03' slot='0x00' function='0x0'/>
            </hostdev>
            <hostdev mode='subsystem' type='usb'><source><address bus='1' device='2'/></source></hostdev>
          </devices>
        </domain>
        """;

    private static readonly string[] Tricks =
        ["</name><devices/>", "]]>", "<![CDATA[x", "&lt;", "&#0;", "a' b=\"c", "<!-- -->", "<?x y?>", "../../etc/passwd", "$(reboot)", ""];

    private static readonly Gen<string> Hostile = Gen.OneOf(
        Gen.String[Gen.Char["<>&'\"/]]!-=;\n\r\t\0\u001f\ufffe \ud800\udc00az"], 0, 40],
        Gen.Int[0, Tricks.Length - 1].Select(index => Tricks[index]),
        Gen.String);

    private static readonly VirtualMachineTO Vm = new()
    {
        Name = "i-2-10-VM",
        Uuid = Guid.Parse("11111111-2222-4333-8444-555555555551"),
        Cpus = 2,
        MaxRam = 2L << 30,
        HostName = "web1",
        PciDevices =
        [
            new PciDeviceTO { Id = 17, Claim = 3, Address = PciAddress.Parse("28:00.1") },
            new PciDeviceTO { Id = 18, Claim = 1, Address = PciAddress.Parse("10000:28:00.2") },
        ],
    };

    [Fact]
    public void Read_FindsTheHostsDevices_AndTheGuestsPlaces()
    {
        var domain = DomainXml.Read(Live);

        Assert.Equal((Vm.Uuid, "i-2-10-VM"), (domain.Uuid, domain.Name));
        Assert.Equal(
            [
                new HostDevice(PciAddress.Parse("03:10.2"), "0000:02:00.0", "hostdev0"),
                new HostDevice(PciAddress.Parse("10000:28:1f.7"), "0000:03:00.0", "ua-pci-17-3-10000_28_1f_7"),
            ],
            domain.HostDevices);
        Assert.Equal(["0000:00:02.0", "0000:01:00.0", "0000:02:00.0", "0000:03:00.0"], domain.TakenGuestAddresses.Order());
        Assert.Equal(PciAddress.Parse("10000:28:1f.7"), DeviceAlias.AddressIn("ua-pci-17-3-10000_28_1f_7"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<domain>")]
    [InlineData("<domain/>")]
    [InlineData("<domain><uuid>17</uuid></domain>")]
    [InlineData("<!DOCTYPE d [<!ENTITY e 'x'>]><domain><uuid>11111111-2222-4333-8444-555555555551</uuid></domain>")]
    [InlineData("<domain><uuid>11111111-2222-4333-8444-555555555551</uuid><devices><hostdev type='pci'/></devices></domain>")]
    [InlineData("<domain><uuid>11111111-2222-4333-8444-555555555551</uuid><devices><hostdev type='pci'><source><address bus='0x100' slot='0'/></source></hostdev></devices></domain>")]
    public void Read_RefusesWhatItDoesNotUnderstand(string xml)
    {
        // A device that cannot be read must not look like a domain without it.
        Assert.Equal((27, 20), Assert.Throws<HypervisorException>(() => DomainXml.Read(xml)) is var refusal ? (refusal.Code, refusal.Domain) : default);
    }

    [Fact]
    public void Write_GivesWhatReadFinds()
    {
        var domain = DomainXml.Read(Write(Vm, null).ToString());

        Assert.Equal((Vm.Uuid, Vm.Name), (domain.Uuid, domain.Name));
        Assert.Equal(
            [
                new HostDevice(PciAddress.Parse("28:00.1"), null, "ua-pci-17-3-0000_28_00_1"),
                new HostDevice(PciAddress.Parse("10000:28:00.2"), null, "ua-pci-18-1-10000_28_00_2"),
            ],
            domain.HostDevices);
    }

    [Fact]
    public void Write_LocksMemory_AndHasAPortForEachDeviceAndMore()
    {
        var with = Write(Vm, "/disks/a.qcow2", new KvmProperties { Bridge = "br0", SparePorts = 3 });
        var without = Write(Vm with { PciDevices = [] }, null);

        Assert.Equal($"{(2L << 30) + (1L << 28) + (2L << 30)}", (string?)with.Element("memtune")!.Element("hard_limit"));
        Assert.NotNull(with.Element("memoryBacking")!.Element("locked"));
        Assert.Null(without.Element("memoryBacking") ?? without.Element("memtune"));
        // Disk, network, the guest agent's bus; two devices; three more.
        Assert.Equal(8, Ports(with));
        Assert.Equal(1 + 4, Ports(without));
        Assert.All(with.Descendants("hostdev"), device => Assert.Equal("no", (string?)device.Attribute("managed")));
    }

    [Fact]
    public void Write_BootsAKernel_OrTheDisk()
    {
        var kernel = Write(Vm, null, new KvmProperties { DomainType = "qemu", Cpu = "qemu64", Kernel = "/k", Initrd = "/i", CommandLine = "console=ttyS0", Consoles = "/c" });
        var disk = Write(Vm, "/disks/a.qcow2");

        Assert.Equal(("/k", "/i", "console=ttyS0"), ((string?)kernel.Element("os")!.Element("kernel"), (string?)kernel.Element("os")!.Element("initrd"), (string?)kernel.Element("os")!.Element("cmdline")));
        Assert.Equal(("qemu", "qemu64"), ((string?)kernel.Attribute("type"), (string?)kernel.Element("cpu")!.Element("model")));
        Assert.Equal($"/c/{Vm.Uuid}.log", (string?)kernel.Descendants("log").Single().Attribute("file"));
        Assert.Equal("hd", (string?)disk.Element("os")!.Element("boot")!.Attribute("dev"));
        Assert.Equal("/disks/a.qcow2", (string?)disk.Descendants("disk").Single().Element("source")!.Attribute("file"));
        Assert.Equal("host-model", (string?)disk.Element("cpu")!.Attribute("mode"));
    }

    [Fact]
    public void Write_OfADevice_PutsItWhereItWas()
    {
        var device = XElement.Parse(DomainXmlWriter.Write(Vm.PciDevices[0], "0000:05:00.0"));

        Assert.Equal(("0x00", "0x28", "0x00", "0x01"), Parts(device.Element("source")!.Element("address")!));
        Assert.Equal(("0x00", "0x05", "0x00", "0x00"), Parts(device.Element("address")!));
        Assert.Null(XElement.Parse(DomainXmlWriter.Write(Vm.PciDevices[0], null)).Element("address"));
    }

    [Fact]
    public void MacAddress_IsTheVms_AndLocal()
    {
        string? Mac(Guid uuid) => (string?)Write(Vm with { Uuid = uuid }, null, new KvmProperties { Bridge = "br0" }).Descendants("mac").Single().Attribute("address");

        Assert.Matches("^02(:[0-9a-f]{2}){5}$", Mac(Vm.Uuid));
        Assert.Equal(Mac(Vm.Uuid), Mac(Vm.Uuid));
        Assert.NotEqual(Mac(Vm.Uuid), Mac(Guid.NewGuid()));
    }

    [Fact]
    public void HostileNames_StayValues() =>
        Gen.Select(Hostile, Hostile, Hostile).Sample(
            (name, hostName, template) =>
            {
                var vm = Vm with
                {
                    Name = name,
                    HostName = hostName,
                    Template = template,
                    PciDevices = [Vm.PciDevices[0] with { Name = name, Serial = hostName }],
                };
                var plain = Names(Write(Vm with { PciDevices = [Vm.PciDevices[0]] }, null));
                XElement domain;
                try
                {
                    domain = Write(vm, null);
                }
                catch (HypervisorException e)
                {
                    return e.Code == 27;
                }

                var written = (string?)domain.Element("name") == name.ReplaceLineEndings("\n") || name.Contains('\r', StringComparison.Ordinal);
                return written && Names(domain).Where(part => part != "description").SequenceEqual(plain.Where(part => part != "description"));
            },
            iter: 2000);

    [Theory]
    [InlineData("http://images.example/debian.qcow2", "debian.qcow2")]
    [InlineData("http://images.example/a/b%20c.raw?x=/y", "b c.raw")]
    [InlineData("debian.qcow2", "debian.qcow2")]
    [InlineData("http://images.example/..%2f..%2fetc%2fpasswd", "passwd")]
    [InlineData("http://images.example/", null)]
    [InlineData("http://images.example/..", null)]
    [InlineData("..", null)]
    [InlineData("", null)]
    public void TemplateName_NeverLeavesItsFolder(string url, string? name)
    {
        if (name is null) Assert.Throws<HypervisorException>(() => RootDisks.NameOf(url));
        else Assert.Equal(name, RootDisks.NameOf(url));
    }

    private static List<string> Names(XElement domain) =>
        [.. domain.DescendantsAndSelf().SelectMany(element => element.Attributes().Select(attribute => $"{element.Name}@{attribute.Name}").Prepend($"{element.Name}"))];

    private static int Ports(XElement domain) => domain.Descendants("controller").Count(controller => (string?)controller.Attribute("model") == "pcie-root-port");

    private static (string?, string?, string?, string?) Parts(XElement address) =>
        ((string?)address.Attribute("domain"), (string?)address.Attribute("bus"), (string?)address.Attribute("slot"), (string?)address.Attribute("function"));

    private static XElement Write(VirtualMachineTO vm, string? disk, KvmProperties? settings = null) =>
        XElement.Parse(new DomainXmlWriter(settings ?? new KvmProperties()).Write(vm, disk), LoadOptions.PreserveWhitespace);
}
