using PciBus.Management.Deployment;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.PciDevices;
using Xunit;

namespace PciBus.Tests.Deployment;

public sealed class FirstFitTests
{
    [Theory]
    [InlineData("", "bare", "one,ssd,two")]
    [InlineData("10GE", "one,ssd", "two")]
    [InlineData("10GE,10GE", "two", "")]
    [InlineData("GPU", "", "")]
    public void Planner_LooksFirst_WhereNothingIsLeftOver(string asked, string first, string rest)
    {
        var order = FirstFitPlanner.Order(Plan(asked), Classes());

        Assert.Equal(first, string.Join(',', order.UsedUp));
        Assert.Equal(rest, string.Join(',', order.Rest));
    }

    [Fact]
    public void Planner_LooksOnlyWhereTheTagsAre() =>
        Assert.Equal(["ssd"], FirstFitPlanner.Order(Plan("10GE", "ssd"), Classes()).UsedUp);

    [Fact]
    public void Allocator_TakesTheFirstThatFits() => Assert.Equal(
        2, FirstFitAllocator.Allocate(Plan("10GE"), ["one"], [Host(1, cpuFree: 10), Host(2), Host(3)], ExcludeList.Empty)?.HostId);

    [Fact]
    public void Allocator_PassesOverWhatDoesNotFit() => Assert.Null(FirstFitAllocator.Allocate(
        Plan("10GE") with { HostId = null },
        ["one"],
        [
            Host(1), Host(2, cpuFree: 999), Host(3, ramFree: 1), Host(4) with { State = CapacityState.Disabled },
            Host(5) with { Class = "two" }, Host(6) with { DataCenterId = 2 },
        ],
        ExcludeList.Empty.Add(1, "tried")));

    [Fact]
    public void Allocator_TakesNoOtherHostThanTheOneWanted() => Assert.Equal(
        2, FirstFitAllocator.Allocate(Plan("10GE") with { HostId = 2 }, ["one"], [Host(1), Host(2)], ExcludeList.Empty)?.HostId);

    private static DeploymentPlan Plan(string pciDevices, string tags = "") =>
        new(1, 1000, 1 << 20, PciDeviceNames.ParseList(pciDevices), tags, null);

    private static HostSnapshot Host(long id, long cpuFree = 1000, long ramFree = 1 << 20) =>
        new(id, 1, CapacityState.Enabled, "one", cpuFree, ramFree);

    private static PlacementClasses Classes()
    {
        var classes = new PlacementClasses();
        foreach (var (digest, tags, devices) in new[] { ("bare", "", ""), ("one", "", "10GE|1"), ("two", "", "10GE|2"), ("ssd", "ssd", "10GE|1") })
        {
            classes.Add(new PlacementClass { Digest = digest, HostTags = tags, PciDevices = devices });
        }

        return classes;
    }
}
