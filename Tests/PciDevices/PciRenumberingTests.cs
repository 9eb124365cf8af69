using CsCheck;
using PciBus.Contracts.PciDevices;
using PciBus.Management.PciDevices;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.PciDevices;

/// <summary>Which rows follow their devices to other addresses, as values.</summary>
public sealed class PciRenumberingTests
{
    /// <summary>Hosts whose devices may be anywhere afterwards, with serial numbers that are missing or doubled now and then.</summary>
    private static readonly Gen<(List<PciDevice> Known, List<PciDeviceTO> Seen)> Reboots =
        from serials in Gen.Int[0, 7].Array[0, 6]
        from owners in Gen.OneOf<long?>(null, null, 4, 5).Array[6]
        from functions in Gen.Int[0, 1].Array[6]
        from slots in Gen.Shuffle(Enumerable.Range(0, 9).ToArray())
        from pulled in Gen.Int[0, 12]
        let known = serials.Select((serial, slot) => Row(slot, serial == 0 ? null : $"s{serial}", owners[slot], functions[slot])).ToList()
        let seen = serials.Select((serial, i) => Seen(slots[i], serial == 0 ? null : $"s{serial}", functions[i])).Where((_, i) => i != pulled).ToList()
        select (known, seen);

    [Fact]
    public void Device_IsFollowed()
    {
        var plan = PciRenumbering.Decide([Row(1, "s1")], [Seen(2, "s1")]);

        Assert.Equal(["1 -> 2"], Moves(plan));
        Assert.Empty(plan.Gone);
        Assert.Empty(plan.Doubts);
    }

    [Fact]
    public void DevicesThatSwapped_AreFollowed() => Assert.Equal(
        ["1 -> 2", "2 -> 3", "3 -> 1"],
        Moves(PciRenumbering.Decide(
            [Row(1, "s1"), Row(2, "s2", owner: 4), Row(3, "s3")], [Seen(2, "s1"), Seen(3, "s2"), Seen(1, "s3")])));

    [Fact]
    public void Device_StaysWhereItIs() => Assert.Empty(Moves(PciRenumbering.Decide([Row(1, "s1"), Row(2, "s2")], [Seen(1, "s1"), Seen(2, "s2")])));

    [Fact]
    public void DeviceThatIsNotSeen_StaysWhereItWas() => Assert.Empty(Moves(PciRenumbering.Decide([Row(1, "s1")], [Seen(2, "s2")])));

    [Fact]
    public void DeviceWithoutSerialNumber_IsNotFollowed()
    {
        Assert.Empty(Moves(PciRenumbering.Decide([Row(1, null)], [Seen(2, null)])));
        Assert.Empty(Moves(PciRenumbering.Decide([Row(1, "s1")], [Seen(2, null)])));
        Assert.Empty(Moves(PciRenumbering.Decide([Row(1, null)], [Seen(2, "s1")])));
    }

    [Theory]
    [InlineData("8087", "10ed")]
    [InlineData("8086", "1533")]
    [InlineData(null, "10ed")]
    [InlineData("8086", null)]
    public void DeviceOfAnotherKind_IsAnother_WhateverItsSerialNumber(string? vendor, string? product) => Assert.Empty(
        Moves(PciRenumbering.Decide([Row(1, "s1")], [Seen(2, "s1") with { VendorId = vendor, ProductId = product }])));

    /// <summary>Both ports of a card have the card's number.</summary>
    [Fact]
    public void FunctionsOfOneCard_AreToldApart()
    {
        var second = Row(1, "s1");
        second.Function = 1;

        Assert.Equal(
            ["1 -> 5", "1.1 -> 5.1"],
            Moves(PciRenumbering.Decide([Row(1, "s1"), second], [Seen(5, "s1", function: 1), Seen(5, "s1")])));
        // One of them is not seen, or is not configured.
        Assert.Equal(["1 -> 5"], Moves(PciRenumbering.Decide([Row(1, "s1"), second], [Seen(5, "s1")])));
        Assert.Equal(["1.1 -> 5.1"], Moves(PciRenumbering.Decide([second], [Seen(5, "s1", function: 1), Seen(5, "s1")])));
        Assert.Empty(PciRenumbering.Decide([Row(1, "s1"), second], [Seen(5, "s1")]).Doubts);
    }

    /// <summary>Where a virtual function is on the bus depends on how many there are: its number says which it is.</summary>
    [Fact]
    public void VirtualFunction_IsFollowed_ByItsCardAndNumber()
    {
        var row = Row(0x10, "s1 pf 0 vf 3");
        (row.Function, row.PhysicalFunction) = (6, "0000:28:00.0");

        var seen = Seen(0x11, "s1 pf 0 vf 3", function: 2) with { PhysicalFunction = PciAddress.Parse("29:00.0") };

        Assert.Equal(["16.6 -> 17.2"], Moves(PciRenumbering.Decide([row], [seen])));
    }

    [Fact]
    public void DevicesWithOneSerialNumber_AreNotFollowed_AndTheReasonNamesAllAddresses()
    {
        var plan = PciRenumbering.Decide([Row(1, "s1")], [Seen(2, "s1"), Seen(3, "s1")]);

        Assert.Empty(Moves(plan));
        Assert.Equal([1, 2, 3], plan.Doubts.Keys.Order().Select(address => address.Slot));
        Assert.All(plan.Doubts.Values, reason => Assert.Equal(
            "8086:10ed serial s1 was at 0000:28:01.0 before the host rebooted and is at 0000:28:02.0 and 0000:28:03.0 now: which is which "
            + "cannot be told",
            reason));
    }

    [Fact]
    public void RowsWithOneSerialNumber_AreNotFollowed()
    {
        var plan = PciRenumbering.Decide([Row(1, "s1"), Row(2, "s1")], [Seen(1, "s1"), Seen(3, "s1")]);

        Assert.Empty(Moves(plan));
        Assert.Equal([1, 2, 3], plan.Doubts.Keys.Order().Select(address => address.Slot));
    }

    /// <summary>Cards of one number that all are where they were say nothing new.</summary>
    [Fact]
    public void DevicesWithOneSerialNumber_AreAsBefore_WhenNothingMoved() => Assert.Empty(
        PciRenumbering.Decide([Row(1, "s1"), Row(2, "s1")], [Seen(1, "s1"), Seen(2, "s1")]).Doubts);

    [Fact]
    public void RowInTheWay_Goes_WhenItsDeviceIsNowhereAndNobodyOwnsIt()
    {
        var plan = PciRenumbering.Decide([Row(1, "s1", owner: 4), Row(2, null)], [Seen(2, "s1")]);

        Assert.Equal(["1 -> 2"], Moves(plan));
        Assert.Equal(2, Assert.Single(plan.Gone).Slot);
    }

    [Fact]
    public void RowInTheWay_StopsAllThatWouldFollow_WhenSomebodyOwnsIt()
    {
        var plan = PciRenumbering.Decide(
            [Row(1, "s1"), Row(2, "s2"), Row(3, null, owner: 4), Row(5, "s5")], [Seen(2, "s1"), Seen(3, "s2"), Seen(6, "s5")]);

        Assert.Equal(["5 -> 6"], Moves(plan));
        Assert.Empty(plan.Gone);
        Assert.Equal([1, 2, 3], plan.Doubts.Keys.Order().Select(address => address.Slot));
        Assert.Equal(
            "8086:10ed serial s2 was at 0000:28:02.0 before the host rebooted and is at 0000:28:03.0 now; where the device is that was at "
            + "0000:28:03.0 before cannot be told",
            plan.Doubts[PciAddress.Parse("28:03.0")]);
    }

    [Fact]
    public void Plan_NeverTakesAnOwnersRow_NorGivesTwoRowsOneAddress() => Reboots.Holds(reboot =>
    {
        var plan = PciRenumbering.Decide(reboot.Known, reboot.Seen);
        Assert.All(plan.Gone, row => Assert.Null(row.InstanceId));
        var moved = plan.Moves.ToDictionary(move => move.Row, move => move.Now);
        var after = reboot.Known.Except(plan.Gone).Select(row => moved.TryGetValue(row, out var now) ? now.Address : row.Address).ToList();
        Assert.Distinct(after);
        Assert.All(plan.Moves, move => Assert.DoesNotContain(move.Now.Address, plan.Doubts.Keys));
    });

    [Fact]
    public void Plan_FollowsOnlyWhatThereIsOneOf_AndToItselfAlone() => Reboots.Holds(reboot => Assert.All(
        PciRenumbering.Decide(reboot.Known, reboot.Seen).Moves,
        move =>
        {
            Assert.NotNull(move.Row.Serial);
            Assert.Equal(move.Row.Serial, move.Now.Serial);
            Assert.Equal(move.Row.Function, move.Now.Address.Function);
            Assert.Single(reboot.Known, row => row.Serial == move.Row.Serial && row.Function == move.Row.Function);
            Assert.Single(reboot.Seen, device => device.Serial == move.Row.Serial && device.Address.Function == move.Row.Function);
        }));

    [Fact]
    public void Plan_DoesNotDependOnTheOrder() => Reboots.Holds(reboot => Assert.Equal(
        Moves(PciRenumbering.Decide(reboot.Known, reboot.Seen)),
        Moves(PciRenumbering.Decide([.. reboot.Known.AsEnumerable().Reverse()], [.. reboot.Seen.AsEnumerable().Reverse()]))));

    private static IEnumerable<string> Moves(RenumberingPlan plan) =>
        plan.Moves.Select(move => $"{Place(move.Row.Address)} -> {Place(move.Now.Address)}").Order();

    private static string Place(PciAddress address) => address.Function == 0 ? $"{address.Slot}" : $"{address.Slot}.{address.Function}";

    private static PciDevice Row(int slot, string? serial, long? owner = null, int function = 0)
    {
        var row = Rows.Device(slot: slot, function: function);
        (row.Serial, row.InstanceId) = (serial, owner);
        return row;
    }

    private static PciDeviceTO Seen(int slot, string? serial, int function = 0) =>
        Announcements.Device($"28:{slot:x2}.{function}|10GE") with { Serial = serial };
}
