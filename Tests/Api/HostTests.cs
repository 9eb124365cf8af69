using Newtonsoft.Json.Linq;
using Xunit;

namespace PciBus.Tests.Api;

public sealed class HostTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly ApiStory _story = new();

    public ValueTask InitializeAsync() => _story.InitializeAsync();

    public ValueTask DisposeAsync() => _story.DisposeAsync();

    [Fact]
    public async Task An_enabled_host_cannot_be_deleted() =>
        Assert.Equal((431, "kvm1 is Enabled; it must be Disabled or in Maintenance to be deleted"), await DeleteAsync(_story.Kvm1Id));

    [Fact]
    public async Task A_host_with_a_virtual_machine_cannot_be_deleted()
    {
        await DisableAsync(_story.Kvm1Id);
        Assert.Equal((536, "kvm1 is used by web1"), await DeleteAsync(_story.Kvm1Id));
        Assert.Equal("Disabled", (string)(await HostsAsync(("id", _story.Kvm1Id))).Single()["resourcestate"]!);
    }

    [Fact]
    public async Task An_unused_host_goes_with_its_devices_and_may_come_back_as_another()
    {
        await _story.Management.JobAsync("stopVirtualMachine", None, ("id", _story.RunningId));
        await DisableAsync(_story.Kvm1Id);
        Assert.Equal((200, null), await DeleteAsync(_story.Kvm1Id));
        Assert.Equal("kvm2", (string)(await HostsAsync()).Single()["name"]!);
        Assert.Empty(await _story.Management.OkAsync("listPciDevices", None, ("hostid", _story.Kvm1Id)));
        Assert.Equal((431, "The host kvm1 was deleted"), await DeleteAsync(_story.Kvm1Id));
        var (status, _) = await _story.Management.CallAsync("startVirtualMachine", None, ("id", _story.RunningId), ("hostid", _story.Kvm1Id));
        Assert.Equal(431, (int)status);

        await _story.Kvm1.AnnounceAsync(None);
        await _story.Management.RunAsync(None);
        var hosts = await HostsAsync(("name", "kvm1"));
        Assert.NotEqual(_story.Kvm1Id, (string)hosts.Single()["id"]!);
        Assert.Equal("Up", (string)hosts.Single()["state"]!);
        var job = await _story.Management.JobAsync("startVirtualMachine", None, ("id", _story.RunningId));
        Assert.Equal(1, (int)job["jobstatus"]!);
    }

    [Fact]
    public async Task A_disabled_host_keeps_its_virtual_machines_and_takes_no_new_one()
    {
        await DisableAsync(_story.Kvm1Id);
        var job = await _story.DeployAsync("web3", await _story.CreateOfferingAsync("one port", "10GE"));
        Assert.Equal(533, (int)job["jobresultcode"]!);
        Assert.Contains("kvm1: it is Up and Disabled", (string)job["jobresult"]!["errortext"]!, StringComparison.Ordinal);
        var vm = (await _story.Management.OkAsync("listVirtualMachines", None, ("hostid", _story.Kvm1Id)))["virtualmachine"]!.Single();
        Assert.Equal("Running", (string)vm["state"]!);

        await _story.Management.OkAsync("updateHost", None, ("id", _story.Kvm1Id), ("allocationstate", "Enable"));
        job = await _story.Management.JobAsync("startVirtualMachine", None, ("id", (string)job["jobinstanceid"]!));
        Assert.Equal(1, (int)job["jobstatus"]!);
    }

    private Task<JObject> DisableAsync(string id) =>
        _story.Management.OkAsync("updateHost", None, ("id", id), ("allocationstate", "Disable"));

    private async Task<(int Status, string? Text)> DeleteAsync(string id)
    {
        var (status, answer) = await _story.Management.CallAsync("deleteHost", None, ("id", id));
        return ((int)status, (string?)answer["deletehostresponse"]!["errortext"]);
    }

    private async Task<JToken> HostsAsync(params (string, string)[] parameters) =>
        (await _story.Management.OkAsync("listHosts", None, parameters))["host"]!;
}
