using System.Text.Json;
using Newtonsoft.Json.Linq;
using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.EndToEnd;

/// <summary>Live migration in the embedded mode: real agents on simulated hypervisors.</summary>
[OutOfProcess]
[OnlyInAll("half a minute of processes; the walk of docs/migration.md is in the gate")]
public sealed class MigrationTests : IAsyncLifetime
{
    private readonly ManagementProcess _management = new(Directory.CreateTempSubdirectory("pcibus-e2e").FullName);
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _management.DisposeAsync();
        Directory.Delete(_management.DataFolder, recursive: true);
    }

    [Fact]
    public async Task A_machine_with_two_devices_moves_and_has_devices_of_its_new_host()
    {
        var vmId = await RunningOnTheFirstAsync();
        var places = PlacesOn("kvm1", vmId);

        var vm = (await _management.Api.RunAsync("migrateVirtualMachine", ("virtualmachineid", vmId)))["virtualmachine"]!;

        Assert.Equal(("Running", "kvm2"), ((string)vm["state"]!, (string)vm["hostname"]!));
        Assert.Equal(["0000:3b:00.1", "0000:3b:00.2"], vm["pcidevice"]!.Select(device => (string)device["address"]!));
        Assert.Equal(["kvm2 2"], Owned());
        Assert.Equal(places, PlacesOn("kvm2", vmId));
        var history = (await _management.Api.CallAsync("listPciDeviceHistory", ("virtualmachineid", vmId)))["pcidevicehistory"]!;
        Assert.Equal(
            ["kvm1 Claimed 2", "kvm1 Released 2", "kvm2 Claimed 2"],
            history.GroupBy(line => $"{line["hostname"]} {line["what"]}").Select(group => $"{group.Key} {group.Count()}").Order());
        var events = await EventsAsync();
        Assert.Contains(events, text => text.StartsWith("kvm1: 0000:28:00.1 Removed after ", StringComparison.Ordinal));
        Assert.Contains(events, text => text.StartsWith("kvm2: 0000:3b:00.1 Attached after ", StringComparison.Ordinal) && text.Contains("without devices for ", StringComparison.Ordinal));
        await new Judge(_management).RestsAsync(TimeSpan.FromSeconds(15), _token);
    }

    [Fact]
    public async Task A_guest_that_does_not_let_go_stays_with_all_its_devices()
    {
        var vmId = await RunningOnTheFirstAsync("simulator.deaf.devices=28:00.2");

        var refused = await Assert.ThrowsAsync<ApiError>(() => _management.Api.RunAsync("migrateVirtualMachine", ("virtualmachineid", vmId)));

        Assert.StartsWith("Unable to migrate: kvm1: not detached: 0000:28:00.2: ", refused.Text, StringComparison.Ordinal);
        var vm = (await _management.Api.CallAsync("listVirtualMachines", ("id", vmId)))["virtualmachine"]!.Single();
        Assert.Equal(("Running", "kvm1"), ((string)vm["state"]!, (string)vm["hostname"]!));
        Assert.Equal(["kvm1 2"], Owned());
        Assert.Contains(await EventsAsync(), text => text.Contains("0000:28:00.1 Reattached after an absence of ", StringComparison.Ordinal));
        await Patience.UntilAsync(
            () => new Judge(_management).Rows("SELECT count(*) || '' FROM op_host_pci_devices WHERE seen_in IS NOT NULL").SequenceEqual(["2"]),
            TimeSpan.FromSeconds(20),
            () => _management.Output,
            _token);
        await new Judge(_management).RestsAsync(TimeSpan.FromSeconds(15), _token);
    }

    [Fact]
    public async Task A_migration_is_given_up_and_the_machine_stays()
    {
        var vmId = await RunningOnTheFirstAsync("simulator.migration.time=20s");
        var (jobId, seen) = await MigratingAsync(vmId);
        Assert.All(seen["migration"]!["pcidevice"]!, device => Assert.Equal("removed", (string)device["state"]!));

        await _management.Api.RunAsync("cancelVirtualMachineMigration", ("virtualmachineid", vmId));

        Assert.Equal(["kvm1 2"], Owned());
        var refused = await Assert.ThrowsAsync<ApiError>(() => _management.Api.WaitAsync(jobId));
        Assert.StartsWith("The migration was given up", refused.Text, StringComparison.Ordinal);
        await new Judge(_management).RestsAsync(TimeSpan.FromSeconds(15), _token);
    }

    [Fact]
    public async Task A_migration_whose_agent_dies_over_it_is_heard_of_as_soon_as_the_hypervisor_is_done()
    {
        var vmId = await RunningOnTheFirstAsync("simulator.migration.time=20s");
        var (jobId, _) = await MigratingAsync(vmId);

        await _management.KillAsync();
        await _management.StartAsync(2, _token);
        var vm = (await _management.Api.WaitAsync(jobId))["virtualmachine"]!;

        Assert.Equal(("Running", "kvm2"), ((string)vm["state"]!, (string)vm["hostname"]!));
        Assert.Equal(["kvm2 2"], Owned());
        await new Judge(_management).RestsAsync(TimeSpan.FromSeconds(15), _token);
    }

    /// <summary>Begins a migration, and waits until the devices are out of the guest and the hypervisor is at work.</summary>
    private async Task<(string JobId, JToken Job)> MigratingAsync(string vmId)
    {
        var jobId = (string)(await _management.Api.CallAsync("migrateVirtualMachine", ("virtualmachineid", vmId)))["jobid"]!;
        JToken? seen = null;
        await Patience.UntilAsync(
            async () => (string?)(seen = await _management.Api.CallAsync("queryAsyncJobResult", ("jobid", jobId)))["migration"]?["agentstep"] == "Migrating",
            TimeSpan.FromSeconds(20),
            () => $"{seen}\n{_management.Output}",
            _token);
        return (jobId, seen!);
    }

    private async Task<string> RunningOnTheFirstAsync(params string[] first)
    {
        _management.Arguments.AddRange(["--setting", "migrate.detach.wait=3"]);
        _management.AddHost("kvm1", "guid-1", "28:00.1|10GE,28:00.2|10GE", first);
        _management.AddHost("kvm2", "guid-2", "3b:00.1|10GE,3b:00.2|10GE");
        await _management.StartAsync(2, _token);
        var scene = await TestScene.CreateAsync(_management.Api, "10GE,10GE", pciMigration: "DetachAttach");
        var hostId = (string)(await _management.Api.CallAsync("listHosts", ("name", "kvm1")))["host"]!.Single()["id"]!;
        var vm = (JObject)(await scene.DeployAsync("web1", hostId))["virtualmachine"]!;
        return (string)vm["id"]!;
    }

    /// <summary>The ports of the guest that its devices are in, by the simulated host's own file.</summary>
    private IReadOnlyList<int> PlacesOn(string host, string vmId) => JsonSerializer.Deserialize<SimulatedDomain>(
        File.ReadAllText(Path.Combine(_management.DataFolder, "hosts", host, "simulator", "domains", $"{vmId}.json")), SimulatorJson.Options)!.Ports;

    private IReadOnlyList<string> Owned() => new Judge(_management).Rows(
        "SELECT h.name || ' ' || count(*) FROM op_host_pci_devices d JOIN host h ON h.id = d.host_id WHERE d.instance_id IS NOT NULL GROUP BY h.name ORDER BY h.name");

    private async Task<IReadOnlyList<string>> EventsAsync() =>
        [.. (await _management.Api.CallAsync("listEvents", ("type", "VM.MIGRATE")))["event"]!.Select(one => (string)one["description"]!)];
}
