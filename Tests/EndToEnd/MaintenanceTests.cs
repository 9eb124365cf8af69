using Newtonsoft.Json.Linq;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.EndToEnd;

/// <summary>Hosts that are emptied, in the embedded mode.</summary>
[OutOfProcess]
[OnlyInAll("half a minute of processes")]
public sealed class MaintenanceTests : IAsyncLifetime
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);
    private readonly ManagementProcess _management = new(Directory.CreateTempSubdirectory("pcibus-e2e").FullName);
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _management.DisposeAsync();
        Directory.Delete(_management.DataFolder, recursive: true);
    }

    [Fact]
    public async Task The_plan_is_what_happens_and_the_host_is_let_in_again()
    {
        _management.Arguments.AddRange(["--setting", "reconciliation.interval.host.maintenance=1"]);
        _management.AddHost("kvm1", "guid-1", "28:00.1|10GE,28:00.2|10GE,28:00.3|GPU", "host.tags=ssd");
        _management.AddHost("kvm2", "guid-2", "3b:00.1|10GE", "host.tags=ssd");
        _management.AddHost("kvm3", "guid-3", "5e:00.1|10GE,5e:00.2|GPU");
        await _management.StartAsync(3, _token);
        var scene = await TestScene.CreateAsync(_management.Api, "10GE");
        var host = await HostAsync("kvm1");
        await DeployAsync(scene, "any", "10GE", host);
        await DeployAsync(scene, "ssd", "10GE", host, ("hosttags", "ssd"));
        await DeployAsync(scene, "gpu", "GPU", host);
        await DeployAsync(scene, "none", "", host);

        var plan = await PlanAsync(host);
        Assert.Equal(4, (int)plan["moving"]!);
        var job = (string)(await _management.Api.CallAsync("prepareHostForMaintenance", ("id", host)))["jobid"]!;
        var ended = await _management.Api.WaitAsync(job);

        Assert.Equal("Maintenance", (string)ended["host"]!["resourcestate"]!);
        Assert.Equal(
            plan["virtualmachine"]!.Select(vm => $"{vm["name"]} Running {vm["destinationhostname"]}").Order(),
            (await _management.Api.CallAsync("listVirtualMachines"))["virtualmachine"]!.Select(vm => $"{vm["name"]} {vm["state"]} {vm["hostname"]}").Order());
        Assert.Equal(["3"], new Judge(_management).Rows("SELECT '' || count(*) FROM op_host_pci_devices d JOIN host h ON h.id = d.host_id WHERE h.name <> 'kvm1' AND instance_id IS NOT NULL"));
        Assert.Equal(["0"], new Judge(_management).Rows("SELECT '' || count(*) FROM op_host_pci_devices d JOIN host h ON h.id = d.host_id WHERE h.name = 'kvm1' AND instance_id IS NOT NULL"));
        await new Judge(_management).RestsAsync(Soon, _token);

        await _management.Api.RunAsync("cancelHostMaintenance", ("id", host));
        await DeployAsync(scene, "again", "10GE", host);
    }

    [Fact]
    public async Task A_maintenance_goes_on_after_kill_and_waits_for_what_is_not_free()
    {
        _management.Arguments.AddRange(["--setting", "reconciliation.interval.host.maintenance=1"]);
        _management.AddHost("kvm1", "guid-1", "28:00.1|10GE,28:00.2|10GE");
        _management.AddHost("kvm2", "guid-2", "3b:00.1|10GE");
        await _management.StartAsync(2, _token);
        var scene = await TestScene.CreateAsync(_management.Api, "10GE");
        var host = await HostAsync("kvm1");
        await DeployAsync(scene, "first", "10GE", host);
        await DeployAsync(scene, "second", "10GE", host);
        var refused = await Assert.ThrowsAsync<ApiError>(() => _management.Api.RunAsync("prepareHostForMaintenance", ("id", host)));
        Assert.Equal(536, refused.Code);

        var job = (string)(await _management.Api.CallAsync("prepareHostForMaintenance", ("id", host), ("pcistrategy", "Wait")))["jobid"]!;
        await _management.KillAsync();
        await _management.StartAsync(2, _token);

        JToken? plan = null;
        await Patience.UntilAsync(
            async () => (int)(plan = await PlanAsync(host))["total"]! == 1, Soon, () => $"{plan}\n{_management.LastLines}", _token, "one is left");
        Assert.Equal("Waits", (string)plan!["virtualmachine"]!.Single()["outcome"]!);
        var moved = (await _management.Api.CallAsync("listVirtualMachines"))["virtualmachine"]!.Single(vm => (string?)vm["hostname"] == "kvm2");
        await _management.Api.RunAsync("stopVirtualMachine", ("id", moved["id"]));
        Assert.Equal("Maintenance", (string)(await _management.Api.WaitAsync(job))["host"]!["resourcestate"]!);
        await new Judge(_management).RestsAsync(Soon, _token);
    }

    private async Task<JToken> PlanAsync(string host) => (await _management.Api.CallAsync("planHostMaintenance", ("id", host)))["hostmaintenanceplan"]!;

    private async Task<string> HostAsync(string name) => (string)(await _management.Api.CallAsync("listHosts", ("name", name)))["host"]!.Single()["id"]!;

    private async Task DeployAsync(TestScene scene, string name, string pciDevices, string host, params (string Name, object? Value)[] more)
    {
        var offering = (string)(await _management.Api.CallAsync(
            "createServiceOffering",
            [("name", $"for {name}"), ("displaytext", "test"), ("cpunumber", 1), ("cpuspeed", 100), ("memory", 128), ("pcidevices", pciDevices), ("pcimigration", "DetachAttach"), .. more]))["serviceoffering"]!["id"]!;
        await _management.Api.RunAsync(
            "deployVirtualMachine", ("name", name), ("zoneid", scene.ZoneId), ("templateid", scene.TemplateId), ("serviceofferingid", offering), ("hostid", host));
    }
}
