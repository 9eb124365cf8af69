using System.Buffers.Binary;
using CsCheck;
using PciBus.Agent.Pci;
using PciBus.Agent.Registration;
using PciBus.Contracts.PciDevices;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Agent.Pci;

/// <summary>
/// What stands in agent.properties and in configuration spaces comes from people and from broken hardware: it is read or refused with a
/// reason, and never more.
/// </summary>
public sealed class PciFuzzTests
{
    private static readonly Gen<string> AddressTexts =
        from domain in Gen.OneOf(Gen.Const(""), Gen.Const("0000:"), Gen.UInt.Select(number => $"{number:x}:"))
        from bus in Gen.Byte[0x27, 0x2a]
        from slot in Gen.Byte[0, PciAddress.MaxSlot]
        from function in Gen.Byte[0, PciAddress.MaxFunction]
        select $"{domain}{bus:x2}:{slot:x2}.{function:x}";

    private static readonly Gen<string> Patterns = Gen.OneOf(
        from domain in Gen.OneOf("", "0000:", "*:")
        from bus in Gen.OneOf("28", "29", "*")
        from slot in Gen.OneOf("00", "1f", "*")
        from function in Gen.OneOf("0", "1", "*")
        select $"{domain}{bus}:{slot}.{function}",
        Gen.OneOf("8086:10ed", "10DE:1eb8", "ffff:ffff"));

    private static readonly Gen<string> Lists =
        from entries in Gen.Select(Gen.OneOf(AddressTexts, Patterns), Gen.OneOf("10GE", "GPU A", "gr\u00fcn"), Gen.OneOf("", " ")).Array[1, 6]
        select string.Join(',', entries.Select(entry => $"{entry.Item3}{entry.Item1}{entry.Item3}|{entry.Item3}{entry.Item2}"));

    private static readonly Gen<PciDeviceTO[]> Hosts =
        (from bus in Gen.Byte[0x28, 0x2a]
         from slot in Gen.OneOf<byte>(0, 1, 0x1f)
         from function in Gen.Byte[0, 2]
         from product in Gen.OneOf<string?>("10ed", "1eb8", null)
         from classCode in Gen.OneOf<string?>("020000", "060400", "03", null)
         from parent in Gen.OneOf<byte?>(null, null, null, 0)
         select new PciDeviceTO
         {
             Address = new PciAddress(0, bus, slot, function),
             VendorId = product is null ? null : "8086",
             ProductId = product,
             Class = classCode,
             PhysicalFunction = parent is { } number ? new PciAddress(0, bus, 0, number) : null,
         }).Array[0, 8].Select(devices => devices.DistinctBy(device => device.Address).ToArray());

    [Fact]
    public void Address_IsReadOrRefused() => AddressTexts.OneAway().Holds(
        sample =>
        {
            var isRead = PciAddress.TryParse(sample.Text, out var address, out var reason);
            Assert.Equal(isRead, reason is null);
            if (sample.IsValid) Assert.True(isRead, sample.Text);
            if (isRead) Assert.Equal(address, PciAddress.Parse(address.ToString()));
        },
        Property.Cases(gate: 10_000, all: 40_000));

    [Fact]
    public void List_IsServedOrRefused_EntryByEntry() => Gen.Select(Lists.OneAway(), Hosts).Holds(
        (sample, host) =>
        {
            var list = PciDevicesParser.Parse(sample.Text);
            var entries = string.IsNullOrWhiteSpace(sample.Text) ? 0 : sample.Text.Count(character => character == ',') + 1;
            Assert.Equal(entries, list.Devices!.Count + list.Patterns.Count + list.Bad.Count);
            if (sample.IsValid) Assert.All(list.Bad, bad => Assert.Contains("was given before", bad.Reason, StringComparison.Ordinal));

            var expanded = PciPatternExpansion.Expand(list, host);
            Assert.Equal(list.Devices, expanded.Devices!.Take(list.Devices.Count));
            Assert.Equal(expanded.Devices!.Count, expanded.Devices!.DistinctBy(device => device.Address).Count());
            Assert.All(expanded.Devices!.Skip(list.Devices.Count), entry =>
            {
                var meant = host.Single(device => device.Address == entry.Address);
                Assert.False(meant.Class?.StartsWith("06", StringComparison.Ordinal) == true, "a bridge");
                Assert.DoesNotContain(host, device => device.PhysicalFunction == meant.Address);
                Assert.Contains(list.Patterns, pattern => pattern.Pattern.Text == entry.Pattern && pattern.Name == entry.Name);
            });
            Assert.All(expanded.Bad, bad => Assert.True(bad is { Reason.Length: > 0, Position: > 0 } && bad.Position <= entries));
        },
        Property.Cases(gate: 10_000, all: 40_000));

    /// <summary>Capabilities in any order, of which some lead back: the search ends, and finds the number when the list is as it should be.</summary>
    [Fact]
    public void ConfigSpace_IsRead_WhateverItsListsSay() => ConfigSpaces.Holds(
        sample =>
        {
            var serial = PciConfigSpace.Serial(sample.Config.AsSpan(0, sample.Length));
            PciConfigSpace.Answers(sample.Config.AsSpan(0, sample.Length));
            PciConfigSpace.IsBridge(sample.Config.AsSpan(0, sample.Length));
            if (sample.IsValid) Assert.Equal("01-02-03-04-05-06-07-08", serial);
            else Assert.True(serial is null or { Length: 23 });
        },
        Property.Cases(gate: 10_000, all: 20_000));

    private static Gen<(byte[] Config, int Length, bool IsValid)> ConfigSpaces =>
        from places in Gen.Int[0x44, 0x3fc].Array[0, 12]
        from isValid in Gen.Bool
        from broken in Gen.Int[0, PciConfigSpace.Size - 1]
        from value in Gen.Byte
        from length in Gen.Int[0, PciConfigSpace.Size]
        select Lay([.. places.Select(place => place * 4).Distinct()], isValid, broken, value, length);

    private static (byte[] Config, int Length, bool IsValid) Lay(int[] places, bool isValid, int broken, byte value, int length)
    {
        var config = new byte[PciConfigSpace.Size];
        int[] chain = [0x100, .. places.Where(place => place is >= 0x110 and <= 0xff0)];
        for (var i = 0; i < chain.Length; i++)
        {
            var isLast = i == chain.Length - 1;
            // The last leads to nothing, or back to the first.
            var next = isLast ? (isValid ? 0 : 0x100) : chain[i + 1];
            BinaryPrimitives.WriteUInt32LittleEndian(config.AsSpan(chain[i]), (uint)(next << 20 | 1 << 16 | (isLast && (isValid || value % 2 == 0) ? 3 : 0xb)));
        }

        var last = chain[^1];
        BinaryPrimitives.WriteUInt64LittleEndian(config.AsSpan(last + 4), 0x0102030405060708);
        var overlaps = chain[..^1].Any(place => place > last && place < last + 12);
        if (!isValid) config[broken] = value;
        return (config, isValid ? config.Length : length, isValid && !overlaps);
    }
}
