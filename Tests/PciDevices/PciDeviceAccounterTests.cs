using CsCheck;
using PciBus.Management.PciDevices;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.PciDevices;

public sealed class PciDeviceAccounterTests
{
    private const int Cases = 5_000;

    [Fact]
    public void Pick_GivesOnlyWhatMayBeGivenAway() => Gen.Select(RandomDevices.OfOneHost, RandomDevices.Request).Holds((devices, request) =>
    {
        if (new PciDeviceAccounter(devices).Pick(request) is not { } picked) return;
        Assert.All(picked, device => Assert.True(MayBeGivenAway(device, devices)));
        Assert.Equal(request, PciDeviceNames.Of(picked.Select(device => device.Name)));
        Assert.Distinct(picked);
        Assert.True(CanGoTogether(picked));
    }, iter: Cases);

    [Fact]
    public void Pick_RefusesOnlyWhenNoChoiceFits() => Gen.Select(RandomDevices.OfOneHost, RandomDevices.Request).Holds((devices, request) =>
    {
        var free = devices.Where(device => MayBeGivenAway(device, devices)).ToList();
        var possible = Subsets(free).Any(subset =>
            CanGoTogether(subset) && PciDeviceNames.Of(subset.Select(device => device.Name)).Equals(request));
        Assert.Equal(possible, new PciDeviceAccounter(devices).Pick(request) is not null);
    }, iter: Cases);

    [Fact]
    public void Pick_IsTheSame_WhateverOrderTheDevicesComeIn() => Gen.Select(RandomDevices.OfOneHost, RandomDevices.Request).Holds(
        (devices, request) => Assert.Equal(
            new PciDeviceAccounter(devices).Pick(request)?.Select(device => device.Id),
            new PciDeviceAccounter([.. devices.AsEnumerable().Reverse()]).Pick(request)?.Select(device => device.Id)));

    [Fact]
    public void Free_CountsWhatMayBeGivenAway_WhenNoFunctionsBelongTogether() => RandomDevices.OfOneHost.Holds(devices =>
    {
        foreach (var device in devices) device.PhysicalFunction = null;
        Assert.Equal(
            PciDeviceNames.Of(devices.Where(device => MayBeGivenAway(device, devices)).Select(device => device.Name)),
            new PciDeviceAccounter(devices).Free);
    });

    [Fact]
    public void Shortage_IsTold_ExactlyWhenTheFreeDevicesDoNotCoverTheRequest() =>
        Gen.Select(RandomDevices.OfOneHost, RandomDevices.Request).Holds((devices, request) =>
        {
            var accounter = new PciDeviceAccounter(devices);
            Assert.Equal(!accounter.Free.Covers(request), accounter.Shortage(request) is not null);
        });

    [Fact]
    public void Pick_TakesTheLowestAddresses()
    {
        var devices = new[] { Rows.Device(slot: 3, id: 1), Rows.Device(slot: 1, id: 2), Rows.Device(slot: 2, id: 3) };

        Assert.Equal([2, 3], new PciDeviceAccounter(devices).Pick(PciDeviceNames.ParseList("10GE,10GE"))!.Select(device => device.Id));
    }

    [Fact]
    public void Shortage_NamesWhatIsAskedFreeAndWhy()
    {
        var disabled = Rows.Device(slot: 1, id: 2);
        disabled.Enabled = false;
        var used = Rows.Device(slot: 2, id: 3);
        used.InstanceId = 9;
        var accounter = new PciDeviceAccounter([Rows.Device(id: 1), disabled, used, Rows.Device("GPU-A", slot: 4, id: 4)]);

        Assert.Equal("10GE: 2 asked, 1 free (1 disabled, 1 in use)", accounter.Shortage(PciDeviceNames.ParseList("10GE,10GE,GPU-A")));
    }

    private static bool MayBeGivenAway(PciDevice device, List<PciDevice> devices) =>
        device is { InstanceId: null, Configured: true, Present: true, Health: PciDeviceHealth.Good, Enabled: true, SeenIn: null, Unusable: null }
        && !devices.Any(other => other != device && other.InstanceId is not null
            && ((device.IommuGroup is not null && device.IommuGroup == other.IommuGroup) || IsPartOf(device, other) || IsPartOf(other, device)));

    private static bool CanGoTogether(IReadOnlyList<PciDevice> devices) =>
        devices.All(one => devices.All(other => !IsPartOf(one, other)));

    private static bool IsPartOf(PciDevice one, PciDevice other) => one.PhysicalFunction == other.Address.ToString();

    private static IEnumerable<List<PciDevice>> Subsets(List<PciDevice> devices) =>
        Enumerable.Range(0, 1 << devices.Count).Select(mask => devices.Where((_, i) => (mask >> i & 1) == 1).ToList());
}
