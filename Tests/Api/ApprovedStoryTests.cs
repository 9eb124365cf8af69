using PciBus.Contracts.PciDevices;
using Xunit;

namespace PciBus.Tests.Api;

/// <summary>The JSON of the commands that change something, told as one _story.</summary>
public sealed class ApprovedStoryTests : IAsyncLifetime
{
    private readonly ApiStory _story = new();

    private static readonly CancellationToken None = CancellationToken.None;

    public ValueTask InitializeAsync() => _story.InitializeAsync();

    public ValueTask DisposeAsync() => _story.DisposeAsync();

    [Fact]
    public async Task What_commands_answer_is_as_approved()
    {
        await MatchAsync(
            "createServiceOffering", ("name", "mixed"), ("cpunumber", "1"), ("cpuspeed", "1000"), ("memory", "512"),
            ("serviceofferingdetails[0].key", "pciDevices"), ("serviceofferingdetails[0].value", " 10GE,FPGA "));
        await MatchAsync("deleteServiceOffering", ("id", await _story.CreateOfferingAsync("short-lived", "10GE")));
        await MatchAsync(
            "registerTemplate", ("name", "alpine"), ("url", "https://images.example/alpine.img"), ("format", "raw"), ("hypervisor", "KVM"));
        await MatchAsync(
            "deployVirtualMachine", ("name", "db1"), ("zoneid", _story.ZoneId), ("templateid", _story.TemplateId),
            ("serviceofferingid", await _story.CreateOfferingAsync("one port", "10GE")));
        await _story.Management.RunAsync(None);
        await MatchAsync("rebootVirtualMachine", ("id", _story.RunningId));
        await MatchAsync("stopVirtualMachine", ("id", _story.RunningId));
        ApprovedJson.Match("listVirtualMachines-busy", await _story.Management.OkAsync(
            "listVirtualMachines", None, ("id", _story.RunningId)));
        await _story.Management.RunAsync(None);
        await MatchAsync("startVirtualMachine", ("id", _story.RunningId));
        await _story.Management.RunAsync(None);
        await MatchAsync("disablePciDevice", ("id", await _story.DeviceIdAsync("28:00.1")));
        await MatchAsync("enablePciDevice", ("id", await _story.DeviceIdAsync("28:00.1")));
        await MatchAsync("updatePciDevice", ("id", await _story.DeviceIdAsync("28:00.3")), ("name", "spare"));
        await MatchAsync("destroyVirtualMachine", ("id", _story.StoppedId));
        await _story.Management.RunAsync(None);
        ApprovedJson.Match("expungeVirtualMachine-job", await _story.Management.JobAsync("expungeVirtualMachine", None, ("id", _story.StoppedId)));
        await MatchAsync("updateHost", ("id", await _story.HostIdAsync("kvm2")), ("allocationstate", "Disable"));
    }

    [Fact]
    public async Task A_release_out_of_quarantine_is_as_approved()
    {
        _story.Kvm2.Dirty.Remove(PciAddress.Parse("3b:00.0"));
        ApprovedJson.Match("releasePciDevice-job", await _story.Management.JobAsync(
            "releasePciDevice", None, ("id", await _story.DeviceIdAsync("3b:00.0"))));
    }

    [Fact]
    public async Task Devices_that_come_and_go_are_as_approved()
    {
        await MatchAsync("attachPciDevice", ("virtualmachineid", _story.RunningId), ("name", "10GE"));
        await _story.Management.RunAsync(None);
        ApprovedJson.Match("detachPciDevice-job", await _story.Management.JobAsync(
            "detachPciDevice", None, ("virtualmachineid", _story.RunningId), ("deviceid", await _story.DeviceIdAsync("28:00.1"))));
        ApprovedJson.Match("attachPciDevice-job", await _story.Management.JobAsync(
            "attachPciDevice", None, ("virtualmachineid", _story.RunningId), ("name", "10GE")));
    }

    [Fact]
    public async Task Where_a_virtual_machine_could_go_is_as_approved()
    {
        await _story.Management.ConnectAsync("kvm3", "28:00.1|10GE,28:00.2|10GE", None);
        var offeringId = await _story.CreateOfferingAsync("moving", "10GE", ("pcimigration", "DetachAttach"));
        var vmId = (string)(await _story.DeployAsync("mover1", offeringId, ("hostid", _story.Kvm1Id)))["jobinstanceid"]!;
        await MatchAsync("findHostsForMigration", ("virtualmachineid", vmId));
    }

    [Fact]
    public async Task A_job_that_found_no_host_is_as_approved()
    {
        var offeringId = await _story.CreateOfferingAsync("unknown", "FPGA");
        ApprovedJson.Match("queryAsyncJobResult-533", await _story.DeployAsync("greedy1", offeringId));
    }

    private async Task MatchAsync(string command, params (string, string)[] parameters)
    {
        var (_, answer) = await _story.Management.CallAsync(command, None, parameters);
        ApprovedJson.Match(command, answer);
    }
}
