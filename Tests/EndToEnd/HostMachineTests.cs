using Newtonsoft.Json.Linq;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.EndToEnd;

/// <summary>A host that was installed anew announces itself with another guid, while its virtual machines still run.</summary>
[OutOfProcess]
public sealed class HostMachineTests : IAsyncLifetime
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);
    private readonly ManagementProcess _management = new(Directory.CreateTempSubdirectory("pcibus-e2e").FullName);
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _management.DisposeAsync();
        Directory.Delete(_management.DataFolder, recursive: true);
    }

    [Fact]
    public async Task Host_that_was_installed_anew_goes_on_with_its_machine_and_nothing_runs_twice()
    {
        _management.AddHost("kvm2", "guid-2", "28:00.1|10GE");
        await _management.StartAsync(1, _token);
        var scene = await TestScene.CreateAsync(_management.Api, "10GE", offerHa: true);
        var vm = (await scene.DeployAsync("ha"))["virtualmachine"]!;
        Assert.Equal(0, await _management.InterruptAsync(_token));

        _management.AddHost("kvm1", "guid-1", "28:00.1|10GE");
        var file = Path.Combine(_management.DataFolder, "hosts", "kvm2", "agent.properties");
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file, _token)).Replace("guid=guid-2", "guid=guid-new", StringComparison.Ordinal), _token);
        _management.Launch();
        await UntilAsync(async () => (await HostAsync("kvm1"))?["state"]?.ToString() == "Up" && (await HostAsync("kvm2"))?["state"]?.ToString() == "Disconnected"
            && Alerts().Count == 1);

        var alert = Assert.Single(Alerts());
        Assert.Contains("The machine of host kvm2 announces itself as kvm2 (guid-new)", alert, StringComparison.Ordinal);
        Assert.Contains("kvm2's (guid-2)", alert, StringComparison.Ordinal);
        var host = (await HostAsync("kvm2"))!;
        var refused = await Assert.ThrowsAsync<ApiError>(() => _management.Api.CallAsync("declareHostDown", ("id", host["id"])));
        Assert.Contains("kvm2 is not down: its machine announced itself at ", refused.Text, StringComparison.Ordinal);

        await _management.Api.CallAsync("updateHost", ("id", host["id"]), ("guid", "guid-new"));
        await UntilAsync(async () => (await HostAsync("kvm2"))?["state"]?.ToString() == "Up");

        var again = (await _management.Api.CallAsync("listVirtualMachines", ("id", vm["id"])))["virtualmachine"]!.Single();
        Assert.Equal(("Running", "kvm2"), ((string?)again["state"], (string?)again["hostname"]));
        Assert.Equal(["kvm2"], new Judge(_management).Rows(
            "SELECT h.name FROM op_host_pci_devices d JOIN host h ON h.id = d.host_id WHERE d.instance_id IS NOT NULL"));
        await new Judge(_management).RestsAsync(Soon, _token);
        Assert.Equal(["2"], new Judge(_management).Rows("SELECT '' || count(*) FROM host WHERE removed IS NULL"));
    }

    [OnlyInAll("a quarter of a minute of processes")]
    [Fact]
    public async Task Folders_with_one_guid_do_not_start_and_the_others_do()
    {
        _management.AddHost("kvm1", "guid-1", "28:00.1|10GE");
        _management.AddHost("kvm2", "guid-2", "28:00.1|10GE");
        _management.AddHost("kvm4", "guid-2", "28:00.1|10GE");

        await _management.StartAsync(1, _token);

        Assert.Equal("kvm1", (string?)(await _management.Api.CallAsync("listHosts"))["host"]!.Single()["name"]);
        Assert.Matches("kvm2/agent.properties and .*kvm4/agent.properties have the same guid guid-2: none of these hosts starts", _management.Output);
    }

    private IReadOnlyList<string> Alerts() => new Judge(_management).Rows("SELECT subject || ': ' || body FROM alert WHERE type = 'HostMachine' AND resolved IS NULL");

    private async Task<JToken?> HostAsync(string name) =>
        (await _management.Api.TryCallAsync("listHosts", ("name", name)))?["host"]?.FirstOrDefault();

    private Task UntilAsync(Func<Task<bool>> condition) => Patience.UntilAsync(condition, Soon, () => _management.Output, _token);
}
