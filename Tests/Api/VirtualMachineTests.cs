using Newtonsoft.Json.Linq;
using PciBus.Contracts.VirtualMachines;
using Xunit;

namespace PciBus.Tests.Api;

public sealed class VirtualMachineTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly ApiStory _story = new();

    public ValueTask InitializeAsync() => _story.InitializeAsync();

    public ValueTask DisposeAsync() => _story.DisposeAsync();

    [Fact]
    public async Task A_second_job_waits_for_its_turn()
    {
        _story.Kvm1.Silent = true;
        var stop = await BeginAsync("stopVirtualMachine");
        var start = await BeginAsync("startVirtualMachine");
        var vm = await VmAsync();
        Assert.Equal(("Stopping", stop, 0), ((string)vm["state"]!, (string)vm["jobid"]!, (int)vm["jobstatus"]!));
        Assert.Equal((0, 0), (await JobStatusAsync(stop), await JobStatusAsync(start)));

        await _story.Kvm1.SpeakAsync(None);
        await _story.Management.RunAsync(None);
        Assert.Equal((1, 1), (await JobStatusAsync(stop), await JobStatusAsync(start)));
        vm = await VmAsync();
        Assert.Equal("Running", (string)vm["state"]!);
        Assert.Null(vm["jobid"]);
    }

    [Fact]
    public async Task A_queued_job_is_judged_when_its_turn_comes()
    {
        _story.Kvm1.Silent = true;
        await BeginAsync("stopVirtualMachine");
        var reboot = await BeginAsync("rebootVirtualMachine");
        await _story.Kvm1.SpeakAsync(None);
        await _story.Management.RunAsync(None);
        var job = await _story.Management.OkAsync("queryAsyncJobResult", None, ("jobid", reboot));
        Assert.Equal((2, 431), ((int)job["jobstatus"]!, (int)job["jobresult"]!["errorcode"]!));
    }

    [Fact]
    public async Task A_paused_guest_is_shown_and_told_of_and_only_a_forced_stop_ends_it()
    {
        var domain = _story.Kvm1.Domains.Single(one => one.Uuid == Guid.Parse(_story.RunningId));
        _story.Kvm1.Place(domain with { Status = DomainStatus.Paused });
        await _story.Kvm1.PingAsync(None);
        await _story.Management.RunAsync(None);
        var vm = await VmAsync();
        Assert.Equal(("Running", "Paused"), ((string)vm["state"]!, (string?)vm["domainstatus"]));
        var alert = (await _story.Management.OkAsync("listAlerts", None, ("name", "DomainNotRunning")))["alert"]!.Single();
        Assert.Equal(($"web1 ({domain.Name}) is Paused on kvm1", _story.RunningId), ((string?)alert["description"], (string?)alert["virtualmachineid"]));

        foreach (var (command, done) in new[] { ("rebootVirtualMachine", "rebooted"), ("stopVirtualMachine", "stopped") })
        {
            var job = await _story.Management.JobAsync(command, None, ("id", _story.RunningId));
            Assert.Equal(
                $"web1 was not {done}: web1 is paused on kvm1, and its guest hears nothing. Let it go on there (virsh resume), or stop it with forced=true",
                (string?)job["jobresult"]!["errortext"]);
        }

        Assert.Equal(1, (int)(await _story.Management.JobAsync("stopVirtualMachine", None, ("id", _story.RunningId), ("forced", "true")))["jobstatus"]!);
        Assert.Null((await VmAsync())["domainstatus"]);
        Assert.Null((await _story.Management.OkAsync("listAlerts", None, ("name", "DomainNotRunning")))["alert"]);
    }

    [Fact]
    public async Task Destroy_does_not_wait_behind_a_start_that_hangs()
    {
        await _story.Management.JobAsync("stopVirtualMachine", None, ("id", _story.RunningId));
        _story.Kvm1.Silent = true;
        var start = await BeginAsync("startVirtualMachine");
        var destroy = await BeginAsync("destroyVirtualMachine", ("expunge", "true"));
        await _story.Kvm1.SpeakAsync(None);
        await _story.Management.RunAsync(None);
        Assert.Equal((2, 1), (await JobStatusAsync(start), await JobStatusAsync(destroy)));
        Assert.Empty(await _story.Management.OkAsync("listVirtualMachines", None, ("id", _story.RunningId)));
        Assert.Empty(_story.Kvm1.Domains);
        Assert.Empty(await _story.Management.OkAsync("listPciDevices", None, ("virtualmachineid", _story.RunningId)));
    }

    [Fact]
    public async Task A_virtual_machine_that_is_not_started_is_created_at_once()
    {
        var begun = await _story.Management.OkAsync(
            "deployVirtualMachine", None, ("zoneid", _story.ZoneId), ("templateid", _story.TemplateId),
            ("serviceofferingid", _story.OfferingId), ("startvm", "false"), ("displayname", "Later"));
        Assert.Equal(1, await JobStatusAsync((string)begun["jobid"]!));
        var vm = await VmAsync((string)begun["id"]!);
        Assert.Equal(("Stopped", "Later", $"VM-{begun["id"]}"), ((string)vm["state"]!, (string)vm["displayname"]!, (string)vm["name"]!));
        Assert.Equal(["VM.CREATE", "VM.CREATE"], await EventTypesAsync((string)begun["id"]!));
    }

    [Fact]
    public async Task A_host_that_is_asked_for_is_the_only_one_tried()
    {
        var job = await _story.DeployAsync(
            "web3", await _story.CreateOfferingAsync("one port", "10GE"), ("hostid", await _story.HostIdAsync("kvm2")));
        Assert.Equal(533, (int)job["jobresultcode"]!);
        Assert.DoesNotContain("kvm1", (string)job["jobresult"]!["errortext"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_virtual_machine_whose_host_is_silent_keeps_its_devices_through_a_forced_stop()
    {
        _story.Kvm1.Silent = true;
        var stop = await BeginAsync("stopVirtualMachine", ("forced", "true"));
        await _story.Management.RunAsync(None);
        Assert.Equal(0, await JobStatusAsync(stop));
        Assert.Equal(2, (await VmAsync())["pcidevice"]!.Count());
        await _story.Kvm1.SpeakAsync(None);
        await _story.Management.RunAsync(None);
        Assert.Equal(1, await JobStatusAsync(stop));
        Assert.Empty((await VmAsync())["pcidevice"]!);
    }

    [Theory]
    [InlineData("state", "Running", "web1")]
    [InlineData("state", "Stopped", "web2")]
    [InlineData("state", "Present", "web1,web2")]
    [InlineData("keyword", "WEB2", "web2")]
    [InlineData("keyword", "i-1-1-vm", "web1")]
    [InlineData("name", "eb", "web1,web2")]
    [InlineData("state", "Destroyed", "")]
    public async Task Filters_find_what_they_say(string parameter, string value, string names)
    {
        var listed = await _story.Management.OkAsync("listVirtualMachines", None, (parameter, value));
        Assert.Equal(names, string.Join(',', (listed["virtualmachine"] ?? new JArray()).Select(vm => (string)vm["name"]!)));
    }

    [Fact]
    public async Task The_owner_of_a_device_is_found_by_it()
    {
        var listed = await _story.Management.OkAsync("listVirtualMachines", None, ("pcideviceid", _story.DeviceId));
        Assert.Equal("web1", (string)listed["virtualmachine"]!.Single()["name"]!);
    }

    private async Task<string> BeginAsync(string command, params (string, string)[] more) =>
        (string)(await _story.Management.OkAsync(command, None, [("id", _story.RunningId), .. more]))["jobid"]!;

    private async Task<int> JobStatusAsync(string jobId) =>
        (int)(await _story.Management.OkAsync("queryAsyncJobResult", None, ("jobid", jobId)))["jobstatus"]!;

    private async Task<JToken> VmAsync(string? id = null) =>
        (await _story.Management.OkAsync("listVirtualMachines", None, ("id", id ?? _story.RunningId)))["virtualmachine"]!.Single();

    private async Task<IEnumerable<string>> EventTypesAsync(string resourceId) =>
        (await _story.Management.OkAsync("listEvents", None, ("resourceid", resourceId)))["event"]!.Select(one => (string)one["type"]!);
}
