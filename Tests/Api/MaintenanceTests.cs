using Microsoft.Extensions.DependencyInjection;
using Newtonsoft.Json.Linq;
using PciBus.Management.Workflows.Maintenance;
using Xunit;

namespace PciBus.Tests.Api;

public sealed class MaintenanceTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly ApiStory _story = new();

    public ValueTask InitializeAsync() => _story.InitializeAsync();

    public ValueTask DisposeAsync() => _story.DisposeAsync();

    [Fact]
    public async Task A_plan_says_of_each_virtual_machine_what_becomes_of_it()
    {
        await _story.Management.ConnectAsync("kvm3", "28:00.1|10GE", None);
        await _story.DeployAsync("free1", await OfferingAsync("without devices", ""), ("hostid", _story.Kvm1Id));
        await _story.DeployAsync("port1", await OfferingAsync("one port", "10GE", "DetachAttach"), ("hostid", _story.Kvm1Id));

        var (status, answer) = await _story.Management.CallAsync("planHostMaintenance", None, ("id", _story.Kvm1Id));

        Assert.Equal(200, (int)status);
        ApprovedJson.Match("planHostMaintenance", answer);
        var plan = answer["planhostmaintenanceresponse"]!["hostmaintenanceplan"]!;
        Assert.Equal(("Enabled", 3, 2, 1, 2), ((string)plan["resourcestate"]!, (int)plan["total"]!, (int)plan["moving"]!, (int)plan["staying"]!, (int)plan["most"]!));
        Assert.Equal(
            [("free1", "Live", "kvm2"), ("port1", "DetachAttach", "kvm3"), ("web1", "Cannot", null)],
            plan["virtualmachine"]!.Select(vm => ((string)vm["name"]!, (string)vm["outcome"]!, (string?)vm["destinationhostname"])));
        Assert.Equal("Enabled", await ResourceStateAsync());
    }

    [Fact]
    public async Task A_host_is_refused_waited_for_emptied_and_let_in_again()
    {
        var (status, refused) = await _story.Management.CallAsync("prepareHostForMaintenance", None, ("id", _story.Kvm1Id));
        Assert.Equal(536, (int)status);
        Assert.Equal(
            "Of 1 virtual machines on kvm1, 1 cannot be moved now. web1: its offering forbids to migrate it with PCI devices (pcimigration=Forbid). "
                + "pcistrategy=Wait waits for them, pcistrategy=Stop stops them",
            (string)refused["preparehostformaintenanceresponse"]!["errortext"]!);
        Assert.Equal("Enabled", await ResourceStateAsync());

        var job = (string)(await _story.Management.OkAsync("prepareHostForMaintenance", None, ("id", _story.Kvm1Id), ("pcistrategy", "wait")))["jobid"]!;
        await DrainAsync();
        Assert.Equal((0, "PrepareForMaintenance"), ((int)(await JobAsync(job))["jobstatus"]!, await ResourceStateAsync()));
        var plan = await _story.Management.OkAsync("planHostMaintenance", None, ("id", _story.Kvm1Id));
        ApprovedJson.Match("planHostMaintenance-waiting", plan);
        var waiting = plan["hostmaintenanceplan"]!["virtualmachine"]!.Single();
        Assert.Equal(["its offering forbids to migrate it with PCI devices (pcimigration=Forbid)"], waiting["reasons"]!.Select(reason => (string)reason!));
        Assert.Null(waiting["why"]);
        var (again, _) = await _story.Management.CallAsync("prepareHostForMaintenance", None, ("id", _story.Kvm1Id));
        Assert.Equal(431, (int)again);

        await _story.Management.JobAsync("stopVirtualMachine", None, ("id", _story.RunningId));
        await DrainAsync();
        ApprovedJson.Match("prepareHostForMaintenance-job", await JobAsync(job));
        Assert.Equal("Maintenance", await ResourceStateAsync());
        Assert.Contains("kvm1: it is Up and Maintenance", (string)(await _story.Management.JobAsync(
            "startVirtualMachine", None, ("id", _story.RunningId)))["jobresult"]!["errortext"]!, StringComparison.Ordinal);

        ApprovedJson.Match("cancelHostMaintenance-job", await _story.Management.JobAsync("cancelHostMaintenance", None, ("id", _story.Kvm1Id)));
        Assert.Equal("Enabled", await ResourceStateAsync());
    }

    [Fact]
    public async Task A_maintenance_that_is_cancelled_fails_its_job()
    {
        var job = (string)(await _story.Management.OkAsync("prepareHostForMaintenance", None, ("id", _story.Kvm1Id), ("pcistrategy", "Wait")))["jobid"]!;
        await _story.Management.JobAsync("cancelHostMaintenance", None, ("id", _story.Kvm1Id));
        await DrainAsync();

        Assert.Equal("The maintenance of kvm1 was cancelled", (string)(await JobAsync(job))["jobresult"]!["errortext"]!);
        Assert.Equal("Enabled", await ResourceStateAsync());
        var (status, _) = await _story.Management.CallAsync("cancelHostMaintenance", None, ("id", _story.Kvm1Id));
        Assert.Equal(431, (int)status);
    }

    [Fact]
    public async Task Those_that_cannot_be_moved_are_stopped_when_that_is_asked_for()
    {
        await _story.Management.OkAsync("prepareHostForMaintenance", None, ("id", _story.Kvm1Id), ("pcistrategy", "Stop"));
        await DrainAsync();
        await DrainAsync();

        Assert.Equal("Maintenance", await ResourceStateAsync());
        var vm = (await _story.Management.OkAsync("listVirtualMachines", None, ("id", _story.RunningId)))["virtualmachine"]!.Single();
        Assert.Equal("Stopped", (string)vm["state"]!);
    }

    private async Task DrainAsync()
    {
        await _story.Management.Services.GetRequiredService<MaintenanceJob>().RunAsync(None);
        await _story.Management.RunAsync(None);
    }

    private Task<JObject> JobAsync(string id) => _story.Management.OkAsync("queryAsyncJobResult", None, ("jobid", id));

    private async Task<string> OfferingAsync(string name, string pciDevices, string migration = "Forbid") => (string)(await _story.Management.OkAsync(
        "createServiceOffering", None, ("name", name), ("cpunumber", "1"), ("cpuspeed", "1000"), ("memory", "512"),
        ("pcidevices", pciDevices), ("pcimigration", migration)))["serviceoffering"]!["id"]!;

    private async Task<string> ResourceStateAsync() =>
        (string)(await _story.Management.OkAsync("listHosts", None, ("id", _story.Kvm1Id)))["host"]!.Single()["resourcestate"]!;
}
