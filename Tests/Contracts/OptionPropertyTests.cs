using PciBus.Contracts.Connection;
using Xunit;

namespace PciBus.Tests.Contracts;

public sealed class OptionPropertyTests
{
    [Fact]
    public void Default_IsTheValueInANewInstance() => Assert.Equal(
        [("a.time", "60s"), ("a.number", ""), ("a.list", "a,b"), ("a.size", "64GiB"), ("a.factor", "1.0"), ("a.text", "")],
        OptionProperty.Of<Outer>().Select(one => (one.Name, one.Default)));

    [Fact]
    public void Options_TakeWhatIsGiven_AndKeepTheOtherDefaults()
    {
        var given = new Dictionary<string, string> { ["a.time"] = "1.5s", ["a.number"] = "7", ["a.list"] = "c, d,", ["a.factor"] = "2.50" };
        var filled = OptionProperty.Fill<Outer>(option => given.GetValueOrDefault(option.Name), option => Assert.Fail(option.Name));

        Assert.Equal((TimeSpan.FromSeconds(1.5), 7, 64L << 30, 2.50m), (filled.Time, filled.Number, filled.Size, filled.Inner.Factor));
        Assert.Equal(["c", "d"], filled.List);
    }

    [Fact]
    public void WhatIsNotAllowed_IsTold_AndTheDefaultStays()
    {
        List<string> refused = [];
        var filled = OptionProperty.Fill<Outer>(_ => "?!", option => refused.Add(option.Name));

        Assert.Equal(["a.time", "a.number", "a.size", "a.factor"], refused);
        Assert.Equal((TimeSpan.FromMinutes(1), null, 1.0m), (filled.Time, filled.Number, filled.Inner.Factor));
    }

    [Fact]
    public void TheLastLineCounts_AndItsPlaceIsKnown()
    {
        var provider = new PropertiesProvider(PropertiesFile.Parse("zone=a\nname\n\nzone=b"), "agent.properties");

        Assert.True(provider.TryGet("zone", out var zone));
        Assert.Equal(("b", "agent.properties:4"), (zone, provider.PlaceOf("zone")));
        Assert.Equal(["zone"], provider.Names);
        Assert.False(provider.TryGet("Zone", out _));
    }

    private sealed class Outer
    {
        [Told("a.time")]
        public TimeSpan Time { get; init; } = TimeSpan.FromMinutes(1);

        [Told("a.number", Max = 10)]
        public int? Number { get; init; }

        [Told("a.list")]
        public IReadOnlyList<string> List { get; init; } = ["a", "b"];

        [Told("a.size")]
        public long Size { get; init; } = 64L << 30;

        public Inner Inner { get; init; } = new();

        [Told("a.text", IsText = true)]
        public Version Text { get; init; } = new(1, 0);
    }

    private sealed class Inner
    {
        [Told("a.factor", Max = 10)]
        public decimal Factor { get; init; } = 1.0m;
    }

    [AttributeUsage(AttributeTargets.Property)]
    private sealed class ToldAttribute(string name) : OptionAttribute(name, "what it is")
    {
        protected override SettingKind Time => SettingKind.Duration;
    }
}
