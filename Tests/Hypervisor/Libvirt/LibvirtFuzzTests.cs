using System.Globalization;
using System.Xml.Linq;
using CsCheck;
using PciBus.Agent.Hypervisor;
using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;
using PciBus.Tests.Agent.Pci;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Hypervisor.Libvirt;

/// <summary>
/// Names and urls that come from the API, and domains that libvirt shows: they are taken for what they are, or refused with a reason, and
/// no name becomes a part of XML or of a path.
/// </summary>
public sealed class LibvirtFuzzTests : IDisposable
{
    private static readonly Guid Uuid = new("11111111-2222-4333-8444-555555555555");

    private static readonly Gen<string> Names =
        from parts in Gen.OneOf(
            "i-2-10-VM", "web1", "</name>", "<hostdev mode='subsystem'/>", "]]>", "<!--", "-->", "&amp;", "&#0;", "\"'", "<?xml?>",
            "<!DOCTYPE d [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>", "&e;", ",,", "guest=", "../", "\u00e9", "\U0001f600", " ").Array[1, 4]
        select string.Concat(parts);

    private static readonly Gen<string> Urls =
        from scheme in Gen.OneOf("file://", "file:///", "FILE:///", "http://", "", "/")
        from parts in Gen.OneOf("ROOT", "small", "..", ".", "%2e%2e", "etc", "passwd", "", "~", "small%00", "\\..", "?x", "#y").Array[0, 5]
        select scheme + string.Join('/', parts);

    private static readonly Gen<(PciAddress Host, PciAddress Guest, bool IsInterface)> Devices = Gen.Select(
        Gen.Select(Gen.UInt[0, 0x10000], Gen.Byte, Gen.Byte[0, PciAddress.MaxSlot], Gen.Byte[0, PciAddress.MaxFunction])
            .Select(part => new PciAddress(part.Item1, part.Item2, part.Item3, part.Item4)),
        Gen.Byte[1, 9].Select(bus => new PciAddress(0, bus, 0, 0)),
        Gen.Bool);

    private readonly string _folder = Directory.CreateTempSubdirectory("pcibus-templates-").FullName;

    public LibvirtFuzzTests()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "small"));
        File.WriteAllText(Path.Combine(_folder, "small", TemplateFolder.Kernel), "");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Name_StaysAName() => Names.OneAway().Holds(
        sample =>
        {
            var vm = new VirtualMachineTO { Name = sample.Text, Uuid = Uuid, PciDevices = [new PciDeviceTO { Id = 3, Claim = 9 }] };
            var harmless = Parse(vm with { Name = "vm" }, "c");
            XElement root;
            try
            {
                root = Parse(vm, sample.Text + "c");
            }
            catch (HypervisorException refusal)
            {
                Assert.Equal(LibvirtFailures.XmlError, refusal.Code);
                Assert.Contains(sample.Text, character => char.IsControl(character) || char.IsSurrogate(character) || character >= '\ufffe');
                return;
            }

            Assert.Equal(sample.Text, root.Element("name")!.Value);
            Assert.Equal(sample.Text + "c", root.Element("os")!.Element("cmdline")!.Value);
            Assert.Equal(Skeleton(harmless), Skeleton(root));
        },
        Property.Cases(gate: 3_000, all: 30_000));

    [Fact]
    public void Url_LeadsIntoTheFolder_OrNowhere() => Urls.OneAway().Holds(
        sample =>
        {
            var url = sample.Text.Replace("ROOT", _folder.TrimStart('/'), StringComparison.Ordinal);
            try
            {
                if (new TemplateFolder(_folder).Find(url).Kernel is { } kernel)
                {
                    Assert.Equal(Path.Combine(_folder, "small", TemplateFolder.Kernel), Path.GetFullPath(kernel.Kernel));
                    Assert.Null(kernel.InitialFileSystem);
                }
                else
                {
                    Assert.Empty(url);
                }
            }
            catch (HypervisorException refusal)
            {
                Assert.Contains($"allowed is file://{_folder}/NAME", refusal.Message, StringComparison.Ordinal);
            }
        },
        Property.Cases(gate: 3_000, all: 30_000));

    [Fact]
    public void DomainThatLibvirtShows_IsRead_OrRefused() => Gen.Select(Devices.Array[0, 4], Gen.OneOf("", "17", "-1", "x")).SelectMany(
        part => Gen.Const(Shown(part.Item1, part.Item2)).OneAway().Select(sample => (sample.Text, sample.IsValid, Devices: part.Item1))).Holds(
        sample =>
        {
            var domain = new LibvirtDomain(Uuid, "vm", LibvirtDomainState.Running, 1, sample.Text);
            try
            {
                var read = LibvirtDomainReader.Read(domain);
                Assert.Equal(read.PciDevices.Count, read.GuestAddresses.Count);
                LibvirtDomainReader.IsFree(domain, new PciAddress(0, 2, 0, 0));
                if (!sample.IsValid) return;
                Assert.Equal(sample.Devices.Select(device => device.Host), read.PciDevices);
                Assert.Equal(sample.Devices.Select(device => device.Guest.ToString()), read.GuestAddresses);
            }
            catch (FormatException refusal)
            {
                Assert.False(sample.IsValid, sample.Text);
                Assert.NotEmpty(refusal.Message);
            }
        },
        Property.Cases(gate: 3_000, all: 30_000));

    [Fact]
    public void CommandLineOfAProcess_IsADomain_OrNone()
    {
        using var tree = new PciTree();
        var processes = new QemuProcesses(tree.Proc, tree.Bus);
        (from name in Names
         from extra in Gen.OneOf("-S", "-uuid", "-name", "guest=", "", "-nodefaults").Array[0, 3]
         select string.Join('\0', ["qemu", .. extra, "-name", $"guest={name},debug-threads=on", "-uuid", $"{Uuid}", ""])).OneAway().Holds(
            sample =>
            {
                tree.Put("../proc/4711/cmdline", sample.Text);
                foreach (var process in processes.List())
                {
                    Assert.NotEmpty(process.Name);
                    Assert.True(processes.IsThere(process));
                }
            },
            Property.Cases(gate: 1_000, all: 10_000));
    }

    private static XElement Parse(VirtualMachineTO vm, string commandLine) => XElement.Parse(
        LibvirtDomainXml.Write(vm, "kvm", new GuestParts { Kernel = new GuestKernel("/k", "/i", commandLine), ConsoleFolder = "/log" }),
        LoadOptions.PreserveWhitespace);

    private static IEnumerable<string> Skeleton(XElement root) => root.DescendantsAndSelf().Select(element =>
        $"{element.Name} {string.Join(',', element.Attributes().Select(attribute => attribute.ToString()))}");

    private static string Shown((PciAddress Host, PciAddress Guest, bool IsInterface)[] devices, string startedBy) => string.Concat(
        "<domain type='kvm'><name>vm</name><metadata><pcibus:vm xmlns:pcibus='urn:pcibus:domain' startedBy='", startedBy, "'/></metadata><devices>",
        "<controller type='pci' index='2' model='pcie-root-port'><address type='pci' domain='0x0000' bus='0x00' slot='0x01' function='0x0'/></controller>",
        string.Concat(devices.Select((device, index) =>
        {
            var (open, close) = device.IsInterface
                ? ("<interface type='hostdev' managed='yes'>", "</interface>")
                : ("<hostdev mode='subsystem' type='pci' managed='no'>", "</hostdev>");
            return $"{open}<source>{Address(device.Host, "")}</source><alias name='ua-pci-{index}-1'/>{Address(device.Guest, "type='pci' ")}{close}";
        })),
        "</devices></domain>");

    private static string Address(PciAddress address, string more) => string.Create(
        CultureInfo.InvariantCulture,
        $"<address {more}domain='0x{address.Domain:x4}' bus='0x{address.Bus:x2}' slot='0x{address.Slot:x2}' function='0x{address.Function:x}'/>");
}
