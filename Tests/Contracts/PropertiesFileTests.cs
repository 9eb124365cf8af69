using System.Text;
using PciBus.Contracts.Connection;
using Xunit;

namespace PciBus.Tests.Contracts;

/// <summary>Files are read as java.util.Properties reads them; where they are not, the summary of the class says so.</summary>
public sealed class PropertiesFileTests
{
    [Theory]
    [InlineData("name=kvm1", "name", "kvm1")]
    [InlineData("  name \t=\t kvm1  ", "name", "kvm1")]
    [InlineData("zone: zone1", "zone", "zone1")]
    [InlineData("zone zone1", "zone", "zone1")]
    [InlineData("zone\tzone1", "zone", "zone1")]
    [InlineData("zone = = x", "zone", "= x")]
    [InlineData("zone:=x", "zone", "=x")]
    [InlineData(@"a\:b\=c\ d=e", "a:b=c d", "e")]
    [InlineData(@"bus.address=amqp\://user\:pw@host\:5672/v", "bus.address", "amqp://user:pw@host:5672/v")]
    [InlineData(@"name=\#1 \! a\\b \q", "name", @"#1 ! a\b q")]
    [InlineData(@"name=gr\u00fcn \u00DC", "name", "grün Ü")]
    [InlineData(@"name=\ud83d\ude00", "name", "😀")]
    [InlineData(@"name=kvm1\\", "name", @"kvm1\")]
    [InlineData("name=kvm1\\\\\\\n  2", "name", @"kvm1\2")]
    [InlineData("a=1,\\\n   2,\\\r\n\t3", "a", "1,2,3")]
    [InlineData("a=1,\\\n# 2", "a", "1,# 2")]
    [InlineData("a\\\n  =b", "a", "b")]
    [InlineData("name=kvm1\\", "name", "kvm1")]
    [InlineData("name=a#b", "name", "a#b")]
    [InlineData("name=", "name", "")]
    [InlineData("name:", "name", "")]
    public void ALine_IsReadAsJavaDoes(string text, string key, string value)
    {
        var file = PropertiesFile.Parse(text);
        Assert.Equal([new PropertyLine(1, key, value)], file.Lines);
        Assert.Empty(file.Problems);
    }

    [Fact]
    public void TheLineAfterAnEvenNumberOfBackslashes_IsItsOwn() => Assert.Equal(
        [new PropertyLine(1, "name", @"kvm1\"), new PropertyLine(2, "zone", "z")], PropertiesFile.Parse("name=kvm1\\\\\nzone=z").Lines);

    [Fact]
    public void CommentsAndEmptyLines_SayNothing_AndAreCounted() => Assert.Equal(
        [new PropertyLine(6, "a", "b")], PropertiesFile.Parse("# a=1\\\n  ! a=2\n\n \t\r\n#\na=b\n").Lines);

    /// <summary>A file that is cut off must not say "no devices".</summary>
    [Theory]
    [InlineData("pci.devices")]
    [InlineData("pci.devi")]
    [InlineData("pci.devices  ")]
    public void AKeyAlone_HasNoValue(string text)
    {
        var file = PropertiesFile.Parse(text);
        Assert.Null(Assert.Single(file.Lines).Value);
        Assert.Empty(file.Values);
    }

    [Fact]
    public void OfEqualKeys_TheLastStands_AndTheyAreNamed()
    {
        var file = PropertiesFile.Parse("zone=a\nname=x\nzone=b\nzone\nzone=c\nname : x");
        Assert.Equal("c", file.Values["zone"]);
        Assert.Equal([("zone", 3, 5, false), ("name", 2, 6, true)], file.Repeated);
    }

    [Theory]
    [InlineData("a=b\nname=k\tvm", 2, "has U+0009 in it, which cannot be seen")]
    [InlineData(@"name=k\tvm", 1, "has U+0009 in it, which cannot be seen")]
    [InlineData(@"name=k\u00a0vm", 1, "has U+00A0 in it, which cannot be seen")]
    [InlineData("name=kvm1\u00a0", 1, "has U+00A0 in it, which cannot be seen")]
    [InlineData("na\u200bme=kvm1", 1, "has U+200B in it, which cannot be seen")]
    [InlineData("a=b\n\nname=1,\\\n2\u2028", 3, "has U+2028 in it, which cannot be seen")]
    [InlineData(@"name=\u12g4", 1, @"has \u in it without four hexadecimal digits")]
    [InlineData(@"name=\u12", 1, @"has \u in it without four hexadecimal digits")]
    [InlineData(@"name=\u+123", 1, @"has \u in it without four hexadecimal digits")]
    public void WhatCannotBeMeant_IsToldWithItsLine(string text, int line, string what)
    {
        var file = PropertiesFile.Parse(text);
        Assert.Equal([(line, what)], file.Problems);
        Assert.DoesNotContain(file.Lines, one => one.Key == "name");
    }

    [Fact]
    public void WhatIsNotUtf8_IsToldWithItsLine_ButInAComment()
    {
        var file = PropertiesFile.Read(Encoding.Latin1.GetBytes("# größe\nname=kvm1\npci.devices=28:00.1|grün,\\\n28:00.2|A\n  ! grün\nzone=z"));
        Assert.Equal([(3, "is not UTF-8")], file.Problems);
        Assert.Equal([new PropertyLine(2, "name", "kvm1"), new PropertyLine(6, "zone", "z")], file.Lines);
    }

    [Theory]
    [InlineData("name=grün")]
    [InlineData("\uFEFFname=grün\r\n")]
    public void Utf8_IsRead(string text) => Assert.Equal("grün", PropertiesFile.Read(Encoding.UTF8.GetBytes(text)).Values["name"]);

    [Theory]
    [InlineData(@"C:\pcibus\ca.pem")]
    [InlineData(@"amqp://a:b=c#d@host/v\")]
    public void WhatIsEscaped_IsReadAgain(string value) => Assert.Equal(value, PropertiesFile.Parse($"a={PropertiesFile.Escape(value)}\nb=").Values["a"]);
}
