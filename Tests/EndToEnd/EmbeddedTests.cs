using System.Net;
using System.Net.Http.Json;
using Newtonsoft.Json.Linq;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.EndToEnd;

/// <summary>The embedded mode as its first user meets it.</summary>
[OutOfProcess]
[OnlyInAll("a minute of processes")]
public sealed class EmbeddedTests : IAsyncLifetime
{
    private const string MailsLine =
        "28:00.1|10GE,28:00.2|10GE,28:00.3|10GE,28:00.4|10GE,28:00.5|10GE,28:00.6|10GE,28:00.7|10GE,28:01.0|10GE";

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan EveryJobHasRun = TimeSpan.FromSeconds(30);
    private readonly ManagementProcess _management = new(Directory.CreateTempSubdirectory("pcibus-e2e").FullName);
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _management.DisposeAsync();
        Directory.Delete(_management.DataFolder, recursive: true);
    }

    [Fact]
    public async Task The_mails_line_gives_eight_rows_and_the_table_follows_the_file()
    {
        _management.AddHost("kvm1", "guid-1", MailsLine);
        await _management.StartAsync(1, _token);

        var expected = Enumerable.Range(1, 7).Select(function => $"0:40:0:{function}:10GE").Append("0:40:1:0:10GE");
        Assert.Equal(expected, Devices());

        var scene = await TestScene.CreateAsync(_management.Api, "10GE");
        var vm = (JObject)(await scene.DeployAsync("holder"))["virtualmachine"]!;
        Assert.Equal("Running", (string)vm["state"]!);
        Assert.Equal("0000:28:00.1", (string)vm["pcidevice"]![0]!["address"]!);

        Rewrite("28:00.2|40GE,28:00.3|10GE,28:02.0|GPU");
        await Patience.UntilAsync(
            () => Devices().Order().SequenceEqual(["0:40:0:1:10GE", "0:40:0:2:40GE", "0:40:0:3:10GE", "0:40:2:0:GPU"]),
            Soon,
            () => string.Join("; ", Devices()),
            _token);
        Assert.Equal(["0:40:0:1:holder"], new Judge(_management).Rows(
            "SELECT d.domain || ':' || d.bus || ':' || d.slot || ':' || d.function || ':' || v.name FROM op_host_pci_devices d JOIN vm_instance v ON v.id = d.instance_id"));

        await _management.Api.RunAsync("stopVirtualMachine", ("id", (string)vm["id"]!));
        await Patience.UntilAsync(() => !Devices().Contains("0:40:0:1:10GE"), Soon, () => string.Join("; ", Devices()), _token);
    }

    [Fact]
    public async Task Two_devices_each_fill_a_host_and_the_next_is_told_why()
    {
        _management.AddHost("kvm1", "guid-1", MailsLine);
        await _management.StartAsync(1, _token);
        var scene = await TestScene.CreateAsync(_management.Api, "10GE,10GE");
        for (var i = 1; i <= 4; i++) await scene.DeployAsync($"vm{i}");

        var refused = await Assert.ThrowsAsync<ApiError>(() => scene.DeployAsync("vm5"));
        Assert.Equal(533, refused.Code);
        Assert.Contains("kvm1: 10GE: 2 asked, 0 free (8 in use)", refused.Text, StringComparison.Ordinal);

        var vms = (JArray)(await _management.Api.CallAsync("listVirtualMachines", ("state", "Running")))["virtualmachine"]!;
        await _management.Api.RunAsync("stopVirtualMachine", ("id", (string)vms[0]["id"]!));
        await scene.DeployAsync("vm6");
        await new Judge(_management).RestsAsync(Soon, _token);
    }

    [Fact]
    public async Task A_machine_that_powers_itself_off_gives_its_devices_back()
    {
        var control = FreePort.Next();
        _management.AddHost("kvm1", "guid-1", MailsLine, $"simulator.control.port={control}");
        await _management.StartAsync(1, _token);
        var scene = await TestScene.CreateAsync(_management.Api, "10GE,10GE");
        var vm = (JObject)(await scene.DeployAsync("self"))["virtualmachine"]!;

        using var http = new HttpClient();
        using var answer = await http.PostAsync(new Uri($"http://127.0.0.1:{control}/domains/{vm["id"]}/poweroff"), null, _token);
        answer.EnsureSuccessStatusCode();

        await Patience.UntilAsync(
            async () => (string?)(await _management.Api.CallAsync("listVirtualMachines", ("id", vm["id"])))["virtualmachine"]![0]!["state"] == "Stopped",
            Soon,
            () => _management.LastLines,
            _token);
        Assert.Equal(["8"], new Judge(_management).Rows("SELECT '' || count(*) FROM op_host_pci_devices WHERE instance_id IS NULL"));
        await new Judge(_management).RestsAsync(Soon, _token);
    }

    [Fact]
    public async Task A_device_in_a_domain_started_by_hand_is_not_given_out_until_the_domain_is_gone()
    {
        var control = FreePort.Next();
        _management.AddHost("kvm1", "guid-1", "28:00.1|10GE", $"simulator.control.port={control}");
        await _management.StartAsync(1, _token);
        var scene = await TestScene.CreateAsync(_management.Api, "10GE");
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{control}") };
        var domain = new { uuid = "7d0c6b0e-5a0f-4a3c-9b55-2f2f6f1f0a01", name = "by-hand", pciDevices = new[] { "0000:28:00.1" } };

        using var started = await http.PostAsJsonAsync("/domains", domain, _token);
        started.EnsureSuccessStatusCode();
        using var again = await http.PostAsJsonAsync("/domains", domain, _token);
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        await ForeignAsync("kvm1: 0000:28:00.1 (10GE) is in the domain by-hand, which does not own it");
        var refused = await Assert.ThrowsAsync<ApiError>(() => scene.DeployAsync("vm1"));
        Assert.Contains("kvm1: 10GE: 1 asked, 0 free (1 in a domain that does not own it)", refused.Text, StringComparison.Ordinal);

        using var gone = await http.PostAsync(new Uri($"/domains/{domain.uuid}/poweroff", UriKind.Relative), null, _token);
        gone.EnsureSuccessStatusCode();
        await ForeignAsync();
        await scene.DeployAsync("vm2");
        await new Judge(_management).RestsAsync(Soon, _token);
    }

    [Fact]
    public async Task A_host_with_a_damaged_file_does_not_start_and_keeps_what_is_claimed_there_and_the_others_start()
    {
        _management.AddHost("kvm1", "guid-1", "28:00.1|10GE");
        await _management.StartAsync(1, _token);
        var vm = await (await TestScene.CreateAsync(_management.Api, "10GE")).DeployAsync("vm1");
        await _management.KillAsync();
        var path = Directory.GetFiles(_management.DataFolder, $"{vm["virtualmachine"]!["id"]}.json", SearchOption.AllDirectories).Single();
        var content = await File.ReadAllTextAsync(path, _token);
        await File.WriteAllTextAsync(path, "", _token);
        _management.AddHost("kvm2", "guid-2", "28:00.1|10GE");

        // After a kill no host is Up, and nothing is planned there, until it has announced itself.
        await _management.StartAsync(1, _token);
        await Patience.UntilAsync(
            () => _management.Output.Contains($"kvm1 does not start: {path} cannot be read (it is empty): put a copy of it back, or remove it;", StringComparison.Ordinal),
            Soon, () => _management.LastLines, _token);
        Assert.Equal(["0:40:0:1:vm1"], new Judge(_management).Rows(
            "SELECT d.domain || ':' || d.bus || ':' || d.slot || ':' || d.function || ':' || v.name FROM op_host_pci_devices d JOIN vm_instance v ON v.id = d.instance_id"));
        Assert.Equal(0, await _management.InterruptAsync(_token));

        await File.WriteAllTextAsync(path, content, _token);
        await _management.StartAsync(2, _token);
        Assert.Equal("Running", (string)(await _management.Api.CallAsync("listVirtualMachines"))["virtualmachine"]![0]!["state"]!);
        await new Judge(_management).RestsAsync(Soon, _token);
    }

    [Fact]
    public async Task Reconciliation_jobs_run_by_themselves_and_are_listed_with_what_came_of_them()
    {
        _management.Arguments.AddRange(["--setting", "reconciliation.interval.capacity=1", "--setting", "reconciliation.interval.retention=1"]);
        _management.AddHost("kvm1", "guid-1", MailsLine);
        await _management.StartAsync(1, _token);
        JToken? jobs = null;
        var idle = new HashSet<string>();

        // One that has run may be running once more; one that comes late runs at the next turn of its interval.
        await Patience.UntilAsync(
            async () =>
            {
                jobs = (await _management.Api.CallAsync("listReconciliationJobs"))["reconciliationjob"]!;
                idle.UnionWith(jobs.Where(job => job["lastend"] is not null && (string?)job["state"] == "Idle").Select(job => (string)job["name"]!));
                return jobs.All(job => idle.Contains((string)job["name"]!));
            },
            EveryJobHasRun,
            () => $"{jobs}\n{_management.LastLines}",
            _token,
            "every job has run and ended");

        Assert.Equal(1, (int)jobs!.Single(job => (string)job["name"]! == "capacity")["interval"]!);
    }

    [Fact]
    public async Task Ctrl_C_stops_cleanly_and_everything_is_there_again()
    {
        _management.AddHost("kvm1", "guid-1", MailsLine);
        await _management.StartAsync(1, _token);
        var scene = await TestScene.CreateAsync(_management.Api, "10GE");
        await scene.DeployAsync("kept");

        Assert.Equal(0, await _management.InterruptAsync(_token));
        await _management.StartAsync(1, _token);

        var vm = (await _management.Api.CallAsync("listVirtualMachines"))["virtualmachine"]!.Single();
        Assert.Equal(("kept", "Running"), ((string)vm["name"]!, (string)vm["state"]!));
        Assert.Equal(["1"], new Judge(_management).Rows("SELECT '' || count(*) FROM op_host_pci_devices WHERE instance_id IS NOT NULL"));
    }

    [Fact]
    public async Task A_start_that_fails_is_one_line_that_names_the_thing_and_the_remedy()
    {
        await _management.StartAsync(3, _token);
        await using var onSameFolder = new ManagementProcess(_management.DataFolder);
        Assert.Equal(1, await onSameFolder.RunToEndAsync(_token));
        Assert.Matches(@"^The data folder .* is in use by the management server with pid \d+: stop it, or name another", onSameFolder.Output);

        await using var onSamePort = new ManagementProcess(_management.DataFolder);
        Assert.Equal(1, await onSamePort.RunToEndAsync(_token, "--setting", $"integration.api.port={_management.Port}"));
        Assert.StartsWith($"Port {_management.Port} on 127.0.0.1 is taken", onSamePort.Output, StringComparison.Ordinal);

        await using var badSetting = new ManagementProcess(_management.DataFolder);
        Assert.Equal(1, await badSetting.RunToEndAsync(_token, "--setting", "start.retry=many"));
        Assert.StartsWith("The setting start.retry is \"many\" (command line); allowed is a whole number from 1 to 1000", badSetting.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", onSameFolder.Output + onSamePort.Output + badSetting.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_of_the_data_folder_count_and_a_slip_in_them_is_told()
    {
        var file = Path.Combine(_management.DataFolder, "management.properties");
        await File.WriteAllTextAsync(file, "start.retry = 3\nstop.timeuot = 5\nbus.heartbeat.secret=hunter2\n", _token);
        await _management.StartAsync(3, _token);

        var listed = (await _management.Api.CallAsync("listConfigurations", ("name", "start.retry")))["configuration"]!.Single();
        Assert.Equal(("3", $"file {file}:1"), ((string)listed["value"]!, (string)listed["source"]!));
        var told = $"{file}:2: \"stop.timeuot\" is no setting and is ignored; the nearest is stop.timeout";
        await Patience.UntilAsync(
            () => _management.Output.Contains(told, StringComparison.Ordinal), Soon, () => _management.LastLines, _token, told);
        Assert.DoesNotContain("hunter2", _management.Output, StringComparison.Ordinal);

        await using var elsewhere = new ManagementProcess(_management.DataFolder);
        Assert.Equal(1, await elsewhere.RunToEndAsync(_token, "--settings", $"{file}.not"));
        Assert.StartsWith($"The settings in {file}.not cannot be read: ", elsewhere.Output, StringComparison.Ordinal);
    }

    /// <summary>Waits until exactly these alerts stand of devices in domains that do not own them.</summary>
    private Task ForeignAsync(params string[] subjects) => Patience.UntilAsync(
        async () => ((await _management.Api.CallAsync("listAlerts", ("name", "PciDeviceInForeignDomain")))["alert"] ?? new JArray())
            .Select(alert => (string)alert["description"]!).SequenceEqual(subjects),
        Soon,
        () => _management.LastLines,
        _token,
        $"the alerts are: {string.Join("; ", subjects)}");

    private IReadOnlyList<string> Devices() => new Judge(_management).Rows(
        "SELECT domain || ':' || bus || ':' || slot || ':' || function || ':' || name FROM op_host_pci_devices ORDER BY domain, bus, slot, function");

    private void Rewrite(string pciDevices)
    {
        var path = Path.Combine(_management.DataFolder, "hosts", "kvm1", "agent.properties");
        File.WriteAllLines(path, File.ReadAllLines(path).Where(line => !line.StartsWith("pci.devices", StringComparison.Ordinal)).Append($"pci.devices={pciDevices}"));
    }
}
