using PciBus.Management;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Api;

/// <summary>What is told of something names it once, whoever has named it already; the texts of all jobs in these tests are looked at.</summary>
public sealed class SaidOnceTests
{
    [Theory]
    [InlineData("kvm1", "no such disk", "kvm1: no such disk")]
    [InlineData("kvm1", "kvm1: no such disk", "kvm1: no such disk")]
    [InlineData("web1", "web1 still runs on kvm1", "web1 still runs on kvm1")]
    [InlineData("web1", "web12 still runs on kvm1", "web1: web12 still runs on kvm1")]
    [InlineData("web1", "web1", "web1: web1")]
    public void Name_StandsThereOnce(string name, string text, string told) => Assert.Equal(told, About.Of(name, text));

    [Theory]
    [InlineData("kvm2: kvm2: not begun: domain exists", "kvm2")]
    [InlineData("web1: web1 still runs on kvm1", "web1")]
    [InlineData("kvm2: no. No host fits: 1 host tried in vain. kvm2: no", "kvm2: no")]
    [InlineData("No host fits: No host fits: 1 host short of devices", "No host fits")]
    [InlineData("No host fits: 2 hosts short of devices. kvm1: 10GE: 2 asked, 0 free; kvm2: 10GE: 2 asked, 0 free", null)]
    public void WhatIsSaidTwice_IsFound(string text, string? twice) => Assert.Equal(twice, SaidOnce.Twice(text));
}
