using System.Net.Http.Json;
using Newtonsoft.Json.Linq;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.EndToEnd;

/// <summary>Devices that come and go while virtual machines run, in the embedded mode.</summary>
[OutOfProcess]
[OnlyInAll("a minute of processes; the walk of docs/hotplug.md is in the gate")]
public sealed class HotplugTests : IAsyncLifetime
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);
    private readonly ManagementProcess _management = new(Directory.CreateTempSubdirectory("pcibus-e2e").FullName);
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;
    private readonly HttpClient _simulator = new();

    public ValueTask InitializeAsync()
    {
        var control = FreePort.Next();
        _simulator.BaseAddress = new Uri($"http://127.0.0.1:{control}");
        _management.Arguments.AddRange(["--setting", "repair.retry.interval=1", "--setting", "reconciliation.interval.degraded=1"]);
        _management.AddHost(
            "kvm1", "guid-1", "28:00.1|10GE,28:00.2|10GE,3b:00.0|GPU", $"simulator.control.port={control}", "simulator.hotplug.time=50ms");
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _simulator.Dispose();
        await _management.DisposeAsync();
        Directory.Delete(_management.DataFolder, recursive: true);
    }

    [Fact]
    public async Task A_device_is_attached_to_a_machine_that_runs_and_detached_again()
    {
        await _management.StartAsync(1, _token);
        var scene = await TestScene.CreateAsync(_management.Api, "10GE");
        var id = (string)(await scene.DeployAsync("hot"))["virtualmachine"]!["id"]!;

        var attached = await _management.Api.RunAsync("attachPciDevice", ("virtualmachineid", id), ("name", "GPU"));
        Assert.Equal(["10GE", "GPU"], attached["virtualmachine"]!["pcidevice"]!.Select(device => (string)device["name"]!));
        Assert.Equal(["0000:28:00.1", "0000:3b:00.0"], await HeldAsync(id));
        var none = await Assert.ThrowsAsync<ApiError>(() => _management.Api.RunAsync("attachPciDevice", ("virtualmachineid", id), ("name", "GPU")));
        Assert.Equal((533, "kvm1: GPU: 1 asked, 0 free (1 in use)"), (none.Code, none.Text));

        var gpu = (string)attached["virtualmachine"]!["pcidevice"]!.Last()["id"]!;
        var detached = await _management.Api.RunAsync("detachPciDevice", ("virtualmachineid", id), ("deviceid", gpu));
        Assert.Equal(["10GE"], detached["virtualmachine"]!["pcidevice"]!.Select(device => (string)device["name"]!));
        Assert.Equal(["0000:28:00.1"], await HeldAsync(id));
        await new Judge(_management).RestsAsync(Soon, _token);
    }

    [Fact]
    public async Task A_device_that_is_lost_comes_back_and_one_that_is_broken_is_made_good_by_the_next_that_is_free()
    {
        await _management.StartAsync(1, _token);
        var scene = await TestScene.CreateAsync(_management.Api, "10GE");
        var id = (string)(await scene.DeployAsync("poor"))["virtualmachine"]!["id"]!;
        var other = (string)(await scene.DeployAsync("other"))["virtualmachine"]!["id"]!;

        await EjectAsync(id);
        await BecomesAsync(id, degraded: true, "10GE: 0 of 1 (1 not in its domain)");
        await BecomesAsync(id, degraded: false, null);
        Assert.Equal(["0000:28:00.1"], await HeldAsync(id));

        await FaultsAsync(new { failAttaches = 3, notClean = new[] { "0000:28:00.1" } });
        await EjectAsync(id);
        await BecomesAsync(id, degraded: true, "10GE: 0 of 1");
        Assert.Equal(["0000:28:00.1"], new Judge(_management).Rows("SELECT address_text FROM op_host_pci_devices WHERE health = 'Quarantined'"));

        await _management.Api.RunAsync("stopVirtualMachine", ("id", other), ("forced", "true"));
        await BecomesAsync(id, degraded: false, null);
        Assert.Equal(["0000:28:00.2"], await HeldAsync(id));
        Assert.Null((await _management.Api.CallAsync("listAlerts", ("name", "VirtualMachineDegraded")))["alert"]);
        var told = (await _management.Api.CallAsync("listEvents", ("type", "VM.DEGRADED")))["event"]!;
        Assert.Equal(4, told.Count());
        await new Judge(_management).RestsAsync(Soon, _token);
    }

    private async Task EjectAsync(string vm)
    {
        using var answer = await _simulator.PostAsync(new Uri($"/domains/{vm}/eject/0000:28:00.1", UriKind.Relative), null, _token);
        answer.EnsureSuccessStatusCode();
    }

    private async Task FaultsAsync(object plan)
    {
        using var answer = await _simulator.PostAsJsonAsync("/faults", plan, _token);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>What the domain has, by its host.</summary>
    private async Task<List<string>> HeldAsync(string vm)
    {
        var domains = JArray.Parse(await _simulator.GetStringAsync(new Uri("/domains", UriKind.Relative), _token));
        return [.. domains.Single(domain => (string)domain["uuid"]! == vm)["pciDevices"]!.Select(device => (string)device!).Order(StringComparer.Ordinal)];
    }

    private async Task BecomesAsync(string id, bool degraded, string? reason)
    {
        JToken? vm = null;
        await Patience.UntilAsync(
            async () =>
            {
                vm = (await _management.Api.CallAsync("listVirtualMachines", ("id", id)))["virtualmachine"]![0]!;
                return (bool)vm["degraded"]! == degraded && (string?)vm["degradedreason"] == reason;
            },
            Soon,
            () => $"{vm}\n{_management.Output}",
            _token);
    }
}
