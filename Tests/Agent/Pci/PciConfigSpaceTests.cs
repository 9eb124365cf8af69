using System.Buffers.Binary;
using PciBus.Agent.Pci;
using Xunit;

namespace PciBus.Tests.Agent.Pci;

public sealed class PciConfigSpaceTests
{
    [Fact]
    public void Serial_IsShownAsLspciShowsIt() =>
        Assert.Equal("00-1b-21-ff-ff-3a-7c-10", PciConfigSpace.Serial(PciTree.Config(0x001b21ffff3a7c10)));

    [Theory]
    [InlineData(0ul)]
    [InlineData(ulong.MaxValue)]
    public void Serial_IsNotKnown_WhenItNamesNoDevice(ulong serial) => Assert.Null(PciConfigSpace.Serial(PciTree.Config(serial)));

    /// <summary>As much of it as a user may read who is not root, or a conventional device has.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(64)]
    [InlineData(256)]
    [InlineData(0x14b)]
    public void Serial_IsNotKnown_WhenItCannotBeRead(int length) =>
        Assert.Null(PciConfigSpace.Serial(PciTree.Config(0x001b21ffff3a7c10).AsSpan(0, length)));

    [Theory]
    [InlineData(0x10010001u)] // to itself
    [InlineData(0x14010001u)] // to and fro
    [InlineData(0xffc10001u)] // to the last four bytes
    [InlineData(0x04010001u)] // back into the header
    public void Serial_EndsItsSearch_WhereverTheListLeads(uint header)
    {
        var config = new byte[PciConfigSpace.Size];
        BinaryPrimitives.WriteUInt32LittleEndian(config.AsSpan(0x100), header);
        BinaryPrimitives.WriteUInt32LittleEndian(config.AsSpan(0x140), 0x10010001);

        Assert.Null(PciConfigSpace.Serial(config));
    }

    [Fact]
    public void DeadDevice_AnswersAllOnes_AndAVirtualFunctionOnlyInItsId()
    {
        var config = new byte[PciConfigSpace.Size];
        config.AsSpan().Fill(0xff);
        Assert.False(PciConfigSpace.Answers(config));
        Assert.Null(PciConfigSpace.IsBridge(config));

        config[4] = 0;
        Assert.True(PciConfigSpace.Answers(config));
        Assert.Null(PciConfigSpace.Answers(config.AsSpan(0, 63)));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(0x80, false)] // of several functions
    [InlineData(1, true)]
    [InlineData(0x81, true)]
    [InlineData(2, true)] // CardBus
    public void Bridge_IsToldByItsHeader(byte headerType, bool isBridge) =>
        Assert.Equal(isBridge, PciConfigSpace.IsBridge(PciTree.Config(serial: 0, headerType)));
}
