using CsCheck;
using PciBus.Agent.Hypervisor;
using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Agent.Pci;
using PciBus.Agent.Registration;
using PciBus.Contracts.PciDevices;
using PciBus.Tests.Agent.Pci;
using Xunit;

namespace PciBus.Tests.Agent;

/// <summary>
/// What comes from files and from libvirt, made from its grammar; half of it is one mutation away from good. Whatever it is, it
/// is read or refused with a reason.
/// </summary>
public sealed class ParserFuzzTests
{
    private static readonly Gen<string> Part = Gen.Frequency(
        (6, Gen.Int[0, 255].Select(value => $"{value:x2}")), (1, Gen.Const("*")), (1, Gen.Int[0, int.MaxValue].Select(value => $"{value:x}")));

    private static readonly Gen<string> Place = Gen.Frequency(
        (4, Gen.Select(Part, Part, Gen.Int[0, 8], (bus, slot, function) => $"{bus}:{slot}.{function}")),
        (2, Gen.Select(Part, Part, Part, Part, (domain, bus, slot, function) => $"{domain}:{bus}:{slot}.{function}")),
        (1, Gen.Select(Gen.Int[0, 65_535], Gen.Int[0, 65_535], (vendor, product) => $"{vendor:x4}:{product:x4}")));

    private static readonly Gen<string> Entry = Gen.Select(Place, OneOf("10GE", "GPU-A", " b ", ""), (place, name) => $"{place}|{name}");

    private static readonly Gen<string> Properties =
        Gen.Select(Gen.Int[0, AgentKeys.All.Count - 1], OneOf("1", "5s", "true", "a", "/a", "28:00.1|A", "amqp://a:b@c", "kvm", "qemu"))
            .Select((index, value) => $"{AgentKeys.All[index].Name}={value}").List[0, 8].Select(lines => string.Join('\n', lines.Append("guid=a").Append("kvm.disks=/d")));

    private static readonly Gen<string> Domain = Gen.Select(
        Gen.Guid, Gen.Select(Part, Part, Part, Part, (domain, bus, slot, function) =>
            $"<hostdev mode='subsystem' type='pci' managed='no'><source><address domain='0x{domain}' bus='0x{bus}' slot='0x{slot}' function='0x{function}'/></source>"
            + $"<alias name='ua-pci-1-2-0000_{bus}_{slot}_{function}'/><address type='pci' domain='0x0000' bus='0x{bus}' slot='0x00' function='0x0'/></hostdev>").List[0, 4],
        (uuid, devices) => $"<domain type='kvm'><name>i-2-10-VM</name><uuid>{uuid}</uuid><devices>{string.Concat(devices)}</devices></domain>");

    private static readonly IReadOnlyList<PciFunction> Bus =
        [.. Enumerable.Range(0, 40).Select(i => new PciFunction(new PciAddress(0, (byte)(i * 6), (byte)(i % 3), (byte)(i % 8)), "8086", $"{i:x4}", i % 9 == 0 ? "060400" : "020000"))];

    [Fact]
    public void Devices_AreServedOrRefusedWithAReason() => OrMutated(Entry.List[0, 6].Select(entries => string.Join(',', entries))).Sample(
        text =>
        {
            var (good, bad) = PciDevicesParser.Parse(text, Bus);
            var entries = string.IsNullOrWhiteSpace(text) ? 0 : text.Count(character => character == ',') + 1;
            Assert.Equal(good.Count, good.DistinctBy(device => device.Address).Count());
            Assert.All(good, device => Assert.InRange(device.Name.Length, 1, PciDevicesParser.MaxNameLength));
            Assert.All(good.Select(device => device.Position).Concat(bad.Select(entry => entry.Position)), position => Assert.InRange(position, 1, entries));
            Assert.All(bad, entry => Assert.NotEmpty(entry.Reason));
            Assert.Empty(good.Select(device => device.Position).Intersect(bad.Select(entry => entry.Position)));
        },
        iter: 40_000);

    [Fact]
    public void Addresses_ReadBackAsTheyAreWritten() => OrMutated(Place).Sample(
        text =>
        {
            if (PciAddress.TryParse(text, out var address, out var reason)) Assert.Equal(address, PciAddress.Parse($"{address}"));
            else Assert.NotEmpty(reason);
            Assert.True(DeviceAlias.AddressIn($"ua-pci-1-2-{text.Replace(':', '_').Replace('.', '_')}") is null or { Slot: <= PciAddress.MaxSlot });
        },
        iter: 40_000);

    [Fact]
    public void AgentProperties_AreReadOrRefusedWithReasons() => OrMutated(Properties).Sample(
        text =>
        {
            try
            {
                Assert.NotEmpty(AgentProperties.Read("/etc/pcibus/agent.properties", text).Guid);
            }
            catch (AgentPropertiesException e)
            {
                Assert.NotEmpty(e.Problems);
                Assert.All(e.Problems, problem => Assert.NotEmpty(problem));
            }
        },
        iter: 10_000);

    [Fact]
    public void Domains_AreReadOrRefused() => OrMutated(Domain).Sample(
        xml =>
        {
            try
            {
                var domain = DomainXml.Read(xml);
                Assert.NotEqual("", domain.Name + domain.Uuid);
            }
            catch (HypervisorException e)
            {
                Assert.Equal((27, 20), (e.Code, e.Domain));
                Assert.StartsWith("XML error: ", e.Message, StringComparison.Ordinal);
            }
        },
        iter: 20_000);

    [Fact]
    public void KernelsFiles_AreReadWhateverTheySay()
    {
        using var tree = new SysfsTree();
        var address = tree.Add("28:00.1");
        var files = new[] { "vendor", "device", "class", "numa_node", "reset_method", "config" };
        Gen.Select(Gen.Int[0, files.Length - 1], OrMutated(OneOf("0x8086", "0x", "-1", "7", "flr bus", ""))).Sample(
            (index, text) =>
            {
                tree.File(address, files[index], text);
                if (tree.Sysfs.Find(address) is { } found) Assert.NotNull(found.ToDevice());
                _ = tree.Pci.ObstacleOf(address);
            },
            iter: 1000,
            threads: 1);
    }

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(index => texts[index]);

    /// <summary>As it is made, or with one character lost, put in, doubled or changed.</summary>
    private static Gen<string> OrMutated(Gen<string> texts) => Gen.Select(texts, Gen.Bool, Gen.Int[0, int.MaxValue], Gen.Int[0, 3], Gen.Char, (text, isMutated, at, how, character) =>
    {
        if (!isMutated || text.Length == 0) return text;
        var place = at % text.Length;
        return how switch
        {
            0 => text.Remove(place, 1),
            1 => text.Insert(place, $"{character}"),
            2 => text.Insert(place, $"{text[place]}"),
            _ => $"{text[..place]}{"'<>&|,:.*=\n0f"[at % 13]}{text[(place + 1)..]}",
        };
    });
}
