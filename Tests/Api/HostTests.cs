using Microsoft.Extensions.DependencyInjection;
using Newtonsoft.Json.Linq;
using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Bus;
using PciBus.Management.Hosts;
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
    public async Task A_deleted_host_is_not_counted_where_nothing_fits()
    {
        await _story.Management.JobAsync("stopVirtualMachine", None, ("id", _story.RunningId));
        await DisableAsync(_story.Kvm1Id);
        Assert.Equal((200, null), await DeleteAsync(_story.Kvm1Id));
        Assert.Equal("No host reports 10GE; known: GPU-A", await WhyNotAsync("late1"));

        await _story.Management.ConnectAsync("kvm3", "28:00.1|10GE", None);
        Assert.Equal(
            "No host fits: 2 hosts short of devices. kvm2: 10GE: 2 asked, 0 free; kvm3: 10GE: 2 asked, 1 free", await WhyNotAsync("late2"));

        async Task<string> WhyNotAsync(string name) => (string)(await _story.DeployAsync(name, _story.OfferingId))["jobresult"]!["errortext"]!;
    }

    [Fact]
    public async Task A_start_that_a_host_refuses_is_no_lack_of_capacity()
    {
        _story.Kvm1.Refuses = command => command is StartCommand ? "no such disk" : null;
        var job = await _story.DeployAsync("late1", await _story.CreateOfferingAsync("one port", "10GE"));
        Assert.Equal((2, 530, 4250), ((int)job["jobstatus"]!, (int)job["jobresultcode"]!, (int)job["jobresult"]!["cserrorcode"]!));
        Assert.Equal(
            "Unable to start: kvm1: no such disk. No other host fits: 1 host short of devices. kvm2: 10GE: 1 asked, 0 free", (string)job["jobresult"]!["errortext"]!);
    }

    [Fact]
    public async Task An_unused_host_goes_with_its_devices_and_may_come_back_as_another()
    {
        await _story.Management.JobAsync("stopVirtualMachine", None, ("id", _story.RunningId));
        await DisableAsync(_story.Kvm1Id);
        var deleted = await _story.Management.OkAsync("deleteHost", None, ("id", _story.Kvm1Id));
        Assert.StartsWith("The agent of kvm1 is still heard, last at ", (string?)deleted["displaytext"], StringComparison.Ordinal);
        Assert.Equal("kvm2", (string)(await HostsAsync()).Single()["name"]!);
        Assert.Empty(await _story.Management.OkAsync("listPciDevices", None, ("hostid", _story.Kvm1Id)));
        Assert.Equal((431, "The host kvm1 was deleted"), await DeleteAsync(_story.Kvm1Id));
        var (status, _) = await _story.Management.CallAsync("startVirtualMachine", None, ("id", _story.RunningId), ("hostid", _story.Kvm1Id));
        Assert.Equal(431, (int)status);

        await _story.Kvm1.AnnounceAsync(None);
        await _story.Management.RunAsync(None);
        var hosts = await HostsAsync(("name", "kvm1"));
        Assert.NotEqual(_story.Kvm1Id, (string)hosts.Single()["id"]!);
        Assert.Equal(("Up", "Disabled"), ((string)hosts.Single()["state"]!, (string)hosts.Single()["resourcestate"]!));
        var alert = (await _story.Management.OkAsync("listAlerts", None))["alert"]!.Single(one => (string)one["name"]! == "HostReturned");
        Assert.Equal("kvm1 was deleted, and its agent is heard again", (string)alert["description"]!);
        await _story.Management.OkAsync("updateHost", None, ("id", (string)hosts.Single()["id"]!), ("allocationstate", "Enable"));
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

    [Fact]
    public async Task A_host_is_reconnected_when_its_agent_announces_itself()
    {
        var session = _story.Kvm1.Session;
        var job = await _story.Management.JobAsync("reconnectHost", None, ("id", _story.Kvm1Id));
        ApprovedJson.Match("reconnectHost-job", job);
        Assert.Equal((1, _story.Kvm1Id), ((int)job["jobstatus"]!, (string)job["jobresult"]!["host"]!["id"]!));
        Assert.Equal(session + 1, _story.Kvm1.Session);
    }

    [Fact]
    public async Task A_host_that_does_not_answer_fails_its_reconnection()
    {
        _story.Kvm1.Silent = true;
        var job = (string)(await _story.Management.OkAsync("reconnectHost", None, ("id", _story.Kvm1Id)))["jobid"]!;
        await _story.Management.RunAsync(None);
        _story.Management.Time.Advance(TimeSpan.FromSeconds(121));
        await _story.Management.Services.GetRequiredService<OverdueReconnectsJob>().RunAsync(None);
        var ended = await _story.Management.OkAsync("queryAsyncJobResult", None, ("jobid", job));
        Assert.Equal((2, 530), ((int)ended["jobstatus"]!, (int)ended["jobresultcode"]!));
        Assert.Equal("kvm1 did not announce itself within 120 s", (string)ended["jobresult"]!["errortext"]!);
    }

    [Fact]
    public async Task A_host_that_left_is_degraded_keeps_what_it_has_and_is_trusted_again()
    {
        Assert.Equal((431, "kvm1 is Up; only a host in Alert or Disconnected can be declared degraded"), await RefusedAsync("declareHostAsDegraded"));
        Assert.Equal((431, "kvm1 is Enabled, not Degraded"), await RefusedAsync("cancelHostAsDegraded"));
        await _story.Management.Services.GetRequiredService<AgentMessages>().ShutdownAsync(
            new ShutdownCommand { HostGuid = _story.Kvm1.HostGuid, Session = _story.Kvm1.Session, Sequence = 99 }, None);

        var job = await _story.Management.JobAsync("declareHostAsDegraded", None, ("id", _story.Kvm1Id));
        ApprovedJson.Match("declareHostAsDegraded-job", job);
        Assert.Equal("Degraded", (string)(await HostsAsync(("resourcestate", "Degraded"))).Single()["resourcestate"]!);
        var vm = (await _story.Management.OkAsync("listVirtualMachines", None, ("id", _story.RunningId)))["virtualmachine"]!.Single();
        Assert.Equal(("Running", "kvm1"), ((string)vm["state"]!, (string)vm["hostname"]!));
        Assert.Equal((431, "kvm1 is Disconnected; only a host that is Up or in Alert can be reconnected, any other announces itself when its agent runs"), await RefusedAsync("reconnectHost"));

        job = await _story.Management.JobAsync("cancelHostAsDegraded", None, ("id", _story.Kvm1Id));
        Assert.Equal("Enabled", (string)job["jobresult"]!["host"]!["resourcestate"]!);
    }

    private async Task<(int Status, string? Text)> RefusedAsync(string command)
    {
        var (status, answer) = await _story.Management.CallAsync(command, None, ("id", _story.Kvm1Id));
        return ((int)status, (string?)answer[$"{command.ToLowerInvariant()}response"]!["errortext"]);
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
