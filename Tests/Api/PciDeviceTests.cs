using Microsoft.EntityFrameworkCore;
using Newtonsoft.Json.Linq;
using PciBus.Contracts.PciDevices;
using PciBus.Management.PciDevices;
using Xunit;

namespace PciBus.Tests.Api;

public sealed class PciDeviceTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly ApiStory _story = new();

    public ValueTask InitializeAsync() => _story.InitializeAsync();

    public ValueTask DisposeAsync() => _story.DisposeAsync();

    [Fact]
    public async Task A_device_in_use_is_disabled_for_later()
    {
        var answer = await _story.Management.OkAsync("disablePciDevice", None, ("id", _story.DeviceId));
        Assert.Equal("in use by web1 until it stops", (string)answer["displaytext"]!);
        Assert.Equal(("Allocated", false, "disabled; in use by web1 until it stops"), await StateAsync(_story.DeviceId));

        await _story.Management.JobAsync("stopVirtualMachine", None, ("id", _story.RunningId));
        Assert.Equal(("Disabled", false, null), await StateAsync(_story.DeviceId));
        await _story.Management.OkAsync("enablePciDevice", None, ("id", _story.DeviceId));
        Assert.Equal(("Free", true, null), await StateAsync(_story.DeviceId));
    }

    [Fact]
    public async Task A_disabled_device_is_not_given_out()
    {
        var free = await _story.DeviceIdAsync("28:00.3");
        Assert.Null((await _story.Management.OkAsync("disablePciDevice", None, ("id", free)))["displaytext"]);
        var job = await _story.DeployAsync("web3", await _story.CreateOfferingAsync("one port", "10GE"));
        Assert.Equal(533, (int)job["jobresultcode"]!);
        Assert.Contains("kvm1: 10GE: 1 asked, 0 free (2 in use, 1 disabled)", (string)job["jobresult"]!["errortext"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_is_given_out_under_its_new_name_and_the_old_owner_keeps_his()
    {
        var free = await _story.DeviceIdAsync("28:00.3");
        foreach (var id in (string[])[free, _story.DeviceId])
        {
            await _story.Management.OkAsync("updatePciDevice", None, ("id", id), ("name", " storage "));
        }

        var owner = (await _story.Management.OkAsync("listVirtualMachines", None, ("id", _story.RunningId)))["virtualmachine"]!.Single();
        Assert.Equal(["10GE", "10GE"], owner["pcidevice"]!.Select(device => (string)device["name"]!));
        var job = await _story.DeployAsync("san1", await _story.CreateOfferingAsync("storage", "storage"));
        Assert.Equal("0000:28:00.3", (string)job["jobresult"]!["virtualmachine"]!["pcidevice"]!.Single()["address"]!);

        var renamed = await _story.Management.OkAsync("updatePciDevice", None, ("id", _story.DeviceId), ("name", ""));
        Assert.Equal("10GE", (string)renamed["pcidevice"]!["name"]!);
        Assert.Null(renamed["pcidevice"]!["nameoverride"]);
        var history = await _story.Management.OkAsync("listPciDeviceHistory", None, ("id", _story.DeviceId));
        Assert.Equal(["Renamed", "Renamed", "Claimed", "Discovered"], history["pcidevicehistory"]!.Select(line => (string)line["what"]!));
    }

    [Fact]
    public async Task History_tells_the_name_that_a_device_had_then()
    {
        foreach (var name in new[] { "storage", "" }) await _story.Management.OkAsync("updatePciDevice", None, ("id", _story.DeviceId), ("name", name));

        Assert.Equal(
            ["Renamed 10GE", "Renamed storage", "Claimed 10GE", "Discovered 10GE"],
            (await HistoryAsync(("id", _story.DeviceId))).Select(line => $"{line["what"]} {line["name"]}"));
        Assert.Equal(["Renamed"], (await HistoryAsync(("name", "storage"))).Select(line => (string)line["what"]!));
    }

    [Fact]
    public async Task History_of_a_device_that_is_gone_is_found_by_its_host_its_address_and_its_name()
    {
        _story.Kvm1.PciDevices.RemoveAll(device => device.Address.ToString() == "0000:28:00.3");
        await _story.Kvm1.AnnounceAsync(None);
        await _story.Management.RunAsync(None);
        Assert.DoesNotContain(
            (await _story.Management.OkAsync("listPciDevices", None))["pcidevice"]!, device => (string)device["address"]! == "0000:28:00.3");

        foreach (var address in new[] { "28:00.3", "0000:28:00.3" })
        {
            var lines = await HistoryAsync(("hostid", _story.Kvm1Id), ("address", address), ("name", "10GE"));
            Assert.Equal(["Removed", "Unconfigured", "Discovered"], lines.Select(line => (string)line["what"]!));
            Assert.All(lines, line => Assert.Equal(("0000:28:00.3", "10GE", "kvm1"), ((string)line["address"]!, (string)line["name"]!, (string)line["hostname"]!)));
        }

        Assert.Empty(await HistoryAsync(("address", "28:00.3"), ("name", "10ge")));
        var (status, answer) = await _story.Management.CallAsync("listPciDeviceHistory", None, ("address", "nowhere"));
        Assert.Equal((431, true), ((int)status, ((string)answer["listpcidevicehistoryresponse"]!["errortext"]!).Contains("nowhere", StringComparison.Ordinal)));
    }

    /// <summary>Versions that did not write them run beside this one while servers are upgraded.</summary>
    [Fact]
    public async Task History_without_name_and_address_shows_what_the_device_has_now()
    {
        await _story.Management.DatabaseAsync(database => database.Set<PciDeviceHistory>().ExecuteUpdateAsync(
            set => set.SetProperty(line => line.Address, (string?)null).SetProperty(line => line.Name, (string?)null)));

        Assert.All(
            await HistoryAsync(("id", _story.DeviceId)), line => Assert.Equal(("0000:28:00.1", "10GE"), ((string)line["address"]!, (string)line["name"]!)));
    }

    [Theory]
    [InlineData("a,b")]
    [InlineData("a|b")]
    [InlineData("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
    public async Task A_name_that_nobody_could_ask_for_is_refused(string name)
    {
        var (status, _) = await _story.Management.CallAsync("updatePciDevice", None, ("id", _story.DeviceId), ("name", name));
        Assert.Equal(431, (int)status);
    }

    [Fact]
    public async Task A_device_leaves_quarantine_only_clean()
    {
        var gpu = await _story.DeviceIdAsync("3b:00.0");
        Assert.Equal(("Quarantined", false, "config space reads ff"), await StateAsync(gpu));
        var job = await _story.Management.JobAsync("releasePciDevice", None, ("id", gpu));
        Assert.Equal((2, 530), ((int)job["jobstatus"]!, (int)job["jobresultcode"]!));
        Assert.Equal(("Quarantined", false, "config space reads ff"), await StateAsync(gpu));

        _story.Kvm2.Dirty.Remove(PciAddress.Parse("3b:00.0"));
        job = await _story.Management.JobAsync("releasePciDevice", None, ("id", gpu));
        Assert.Equal(1, (int)job["jobstatus"]!);
        Assert.Equal("Free", (string)job["jobresult"]!["pcidevice"]!["state"]!);
    }

    [Fact]
    public async Task Free_devices_of_a_host_that_takes_no_virtual_machines_are_not_free()
    {
        await _story.Management.OkAsync("updateHost", None, ("id", _story.Kvm1Id), ("allocationstate", "Disable"));
        Assert.Equal(("HostNotReady", false, "kvm1 is Up and Disabled"), await StateAsync(await _story.DeviceIdAsync("28:00.3")));
        var names = await _story.Management.OkAsync("listPciDeviceNames", None, ("keyword", "10ge"));
        var ports = names["pcidevicename"]!.Single();
        Assert.Equal((3, 0, 2, 1), ((int)ports["total"]!, (int)ports["free"]!, (int)ports["allocated"]!, (int)ports["unusable"]!));
    }

    private async Task<(string State, bool Allocatable, string? Reason)> StateAsync(string id)
    {
        var device = (await _story.Management.OkAsync("listPciDevices", None, ("id", id)))["pcidevice"]!.Single();
        return ((string)device["state"]!, (bool)device["allocatable"]!, (string?)device["statereason"]);
    }

    private async Task<List<JToken>> HistoryAsync(params (string, string)[] parameters) =>
        [.. (await _story.Management.OkAsync("listPciDeviceHistory", None, parameters))["pcidevicehistory"] ?? new JArray()];
}
