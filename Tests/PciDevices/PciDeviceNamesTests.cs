using CsCheck;
using PciBus.Management.PciDevices;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.PciDevices;

public sealed class PciDeviceNamesTests
{
    private static readonly Gen<string[]> Lists = Gen.OneOf("10GE", "10ge", "GPU-A", "NVMe 1", "é").Array[0, 8];

    [Theory]
    [InlineData("", "")]
    [InlineData("10GE", "10GE|1")]
    [InlineData(" 10GE ,GPU-A,10GE", "10GE|2,GPU-A|1")]
    [InlineData("10GE,10ge", "10GE|1,10ge|1")]
    [InlineData(",,10GE,", "10GE|1")]
    public void OfferingsList_IsCounted(string list, string canonical) =>
        Assert.Equal(canonical, PciDeviceNames.ParseList(list).ToString());

    [Fact]
    public void CanonicalText_ReadsBack() => Lists.Holds(names =>
        PciDeviceNames.Parse(PciDeviceNames.Of(names).ToString()).Equals(PciDeviceNames.Of(names)));

    [Fact]
    public void CanonicalText_DoesNotDependOnTheOrder() => Lists.Holds(names =>
        PciDeviceNames.Of(names).ToString() == PciDeviceNames.Of(names.Reverse()).ToString());

    [Fact]
    public void Total_IsTheNumberOfNames() => Lists.Holds(names => PciDeviceNames.Of(names).Total == names.Length);

    [Fact]
    public void Covering_IsHavingEachNameOftenEnough() => Gen.Select(Lists, Lists).Holds((has, asks) =>
    {
        var left = has.ToList();
        var all = asks.All(left.Remove);
        return PciDeviceNames.Of(has).Covers(PciDeviceNames.Of(asks)) == all;
    });

    [Fact]
    public void EqualCounts_AreEqual_WhateverTheOrder() => Lists.Holds(names =>
        PciDeviceNames.Of(names).GetHashCode() == PciDeviceNames.Of(names.Reverse()).GetHashCode()
        && PciDeviceNames.Of(names).Equals((object)PciDeviceNames.Of(names.Reverse())));
}
