using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Newtonsoft.Json.Linq;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Bus;
using PciBus.Management.Workflows;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Api;

public sealed class MigrationTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private ManagementFixture _management = null!;
    private ScriptedHost _kvm1 = null!;
    private ScriptedHost _kvm2 = null!;
    private string _vmId = "";

    public async ValueTask InitializeAsync()
    {
        _management = await ManagementFixture.StartAsync(None);
        _kvm1 = await _management.ConnectAsync("kvm1", "28:00.1|10GE,28:00.2|10GE", None);
        _vmId = await DeployAsync("web1", ("pcimigration", "DetachAttach"));
        _kvm2 = await _management.ConnectAsync("kvm2", "3b:00.1|10GE,3b:00.2|10GE", None);
        await _management.ConnectAsync("kvm3", "3b:00.1|10GE", None);
    }

    public ValueTask DisposeAsync() => _management.DisposeAsync();

    [Fact]
    public async Task A_virtual_machine_is_migrated_and_has_devices_of_its_new_host()
    {
        var job = await _management.JobAsync("migrateVirtualMachine", None, ("virtualmachineid", _vmId));

        var vm = job["jobresult"]!["virtualmachine"]!;
        Assert.Equal(("Running", "kvm2"), ((string)vm["state"]!, (string)vm["hostname"]!));
        Assert.Equal(
            ["0000:3b:00.1 Allocated", "0000:3b:00.2 Allocated"], vm["pcidevice"]!.Select(device => $"{device["address"]} {device["state"]}"));
        Assert.Null(vm["migration"]);
        var freed = (await _management.OkAsync("listPciDevices", None, ("keyword", "28:00")))["pcidevice"]!;
        Assert.All(freed, device => Assert.Equal("Free", (string)device["state"]!));
    }

    [Fact]
    public async Task Forbidden_migrations_are_refused_with_the_reason()
    {
        await _management.ConnectAsync("kvm4", "28:00.1|10GE,28:00.2|10GE", None);
        var vmId = await DeployAsync("db1");

        var (status, why) = await RefusedAsync("migrateVirtualMachine", ("virtualmachineid", vmId));
        Assert.Equal(431, status);
        Assert.StartsWith("Unsupported operation, db1 has PCI devices (2 x 10GE) and its offering db1 has pcimigration=Forbid", why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_certainly_fails_is_refused_at_once()
    {
        Assert.Equal(
            (431, "Cannot migrate VM, web1 is already present on this host (kvm1), please specify valid destination host to migrate the VM"),
            await RefusedAsync("migrateVirtualMachine", ("virtualmachineid", _vmId), ("hostid", await HostIdAsync("kvm1"))));
        await _management.OkAsync("updateHost", None, ("id", await HostIdAsync("kvm2")), ("allocationstate", "Disable"));
        Assert.Equal(
            (431, "Cannot migrate VM, destination host kvm2 is not in correct state, has status: Up, state: Disabled"),
            await RefusedAsync("migrateVirtualMachine", ("virtualmachineid", _vmId), ("hostid", await HostIdAsync("kvm2"))));
        Assert.Equal(
            (431, "web1 is not Migrating: there is no migration that could be given up"),
            await RefusedAsync("cancelVirtualMachineMigration", ("virtualmachineid", _vmId)));
        await _management.JobAsync("stopVirtualMachine", None, ("id", _vmId));
        Assert.Equal(
            (431, "web1 is Stopped, it can be migrated only when it is Running"),
            await RefusedAsync("migrateVirtualMachine", ("virtualmachineid", _vmId)));
    }

    [Fact]
    public async Task A_host_that_does_not_fit_fails_the_job_with_the_reason()
    {
        var job = await _management.JobAsync(
            "migrateVirtualMachine", None, ("virtualmachineid", _vmId), ("hostid", await HostIdAsync("kvm3")));

        Assert.Equal((2, 533), ((int)job["jobstatus"]!, (int)job["jobresultcode"]!));
        Assert.EndsWith("kvm3: 10GE: 2 asked, 1 free", (string)job["jobresult"]!["errortext"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Progress_is_seen_while_it_goes_on_and_it_can_be_given_up()
    {
        _kvm1.Silent = true;
        var jobId = (string)(await _management.OkAsync("migrateVirtualMachine", None, ("virtualmachineid", _vmId)))["jobid"]!;
        await _management.RunAsync(None);
        await TellProgressAsync();

        var job = await _management.OkAsync("queryAsyncJobResult", None, ("jobid", jobId));
        var vm = (await _management.OkAsync("listVirtualMachines", None, ("id", _vmId)))["virtualmachine"]!.Single();
        Assert.Equal(("Migrating", 0), ((string)vm["state"]!, (int)job["jobstatus"]!));
        foreach (var migration in new[] { job["migration"]!, vm["migration"]! })
        {
            Assert.Equal(("Migrating", "Detaching"), ((string)migration["step"]!, (string)migration["agentstep"]!));
            Assert.Equal("2030-01-01T00:00:00+0000", (string)migration["stepstarted"]!);
            Assert.Equal(
                ["0000:28:00.1 removed", "0000:28:00.2 detaching"],
                migration["pcidevice"]!.Select(device => $"{device["address"]} {device["state"]}"));
        }

        Assert.Equal(4, vm["pcidevice"]!.Count(device => (string)device["state"]! == "Allocated"));
        var cancelId = (string)(await _management.OkAsync("cancelVirtualMachineMigration", None, ("virtualmachineid", _vmId)))["jobid"]!;
        _kvm1.Refuses = command => command is MigrateCommand ? "the migration was cancelled" : null;
        await _management.RunAsync(None);
        await _kvm1.SpeakAsync(None);
        await _management.RunAsync(None);

        Assert.Equal(1, (int)(await _management.OkAsync("queryAsyncJobResult", None, ("jobid", cancelId)))["jobstatus"]!);
        var failed = await _management.OkAsync("queryAsyncJobResult", None, ("jobid", jobId));
        Assert.Equal("The migration was given up: giving up the migration of VM web1 was asked for", (string)failed["jobresult"]!["errortext"]!);
        vm = (await _management.OkAsync("listVirtualMachines", None, ("id", _vmId)))["virtualmachine"]!.Single();
        Assert.Equal(("Running", "kvm1", 2), ((string)vm["state"]!, (string)vm["hostname"]!, vm["pcidevice"]!.Count()));
    }

    [Fact]
    public async Task A_cancellation_that_comes_too_late_says_so()
    {
        _kvm1.Silent = true;
        await _management.OkAsync("migrateVirtualMachine", None, ("virtualmachineid", _vmId));
        await _management.RunAsync(None);
        var cancelId = (string)(await _management.OkAsync("cancelVirtualMachineMigration", None, ("virtualmachineid", _vmId)))["jobid"]!;
        await _management.RunAsync(None);
        await _kvm1.SpeakAsync(None);
        await _management.RunAsync(None);

        var cancel = await _management.OkAsync("queryAsyncJobResult", None, ("jobid", cancelId));
        Assert.Equal("It was too late: web1 has been migrated", (string)cancel["jobresult"]!["errortext"]!);
    }

    [Fact]
    public async Task A_virtual_machine_that_runs_without_a_device_says_so()
    {
        _kvm2.Broken.Add(PciAddress.Parse("3b:00.2"));
        var jobId = (string)(await _management.OkAsync("migrateVirtualMachine", None, ("virtualmachineid", _vmId)))["jobid"]!;
        await _management.RunAsync(None);
        for (var round = 0; round < 6; round++)
        {
            _management.Time.Advance(TimeSpan.FromSeconds(10));
            await _management.Services.GetRequiredService<OverdueWorkflowsJob>().RunAsync(None);
            await _management.RunAsync(None);
        }

        var job = await _management.OkAsync("queryAsyncJobResult", None, ("jobid", jobId));
        Assert.Equal(1, (int)job["jobstatus"]!);
        Assert.StartsWith("web1 was migrated and runs without all of its devices: 1 x 10GE", (string)job["jobremark"]!, StringComparison.Ordinal);
        Assert.Single(job["jobresult"]!["virtualmachine"]!["pcidevice"]!);
    }

    private async Task TellProgressAsync()
    {
        var commandId = await _management.DatabaseAsync(database => database.Set<WorkflowCommand>().Select(row => row.CommandId).SingleAsync());
        await _management.Services.GetRequiredService<AgentMessages>().PingAsync(
            new PingRoutingCommand
            {
                HostGuid = _kvm1.HostGuid,
                SentAt = _management.Time.GetUtcNow(),
                Report = new HostReport { Session = _kvm1.Session, Sequence = 90 },
                Progress =
                [
                    new CommandProgress
                    {
                        CommandId = commandId,
                        Step = CommandStep.Detaching,
                        StepBegan = _management.Time.GetUtcNow(),
                        DeviceOutcomes =
                        [
                            new PciDeviceOutcome { Address = PciAddress.Parse("28:00.1"), State = HotplugState.Removed },
                            new PciDeviceOutcome { Address = PciAddress.Parse("28:00.2"), State = HotplugState.Detaching },
                        ],
                    },
                ],
            },
            None);
    }

    private async Task<string> DeployAsync(string name, params (string, string)[] offering)
    {
        var offeringId = (string)(await _management.OkAsync(
            "createServiceOffering", None,
            [("name", name), ("cpunumber", "1"), ("cpuspeed", "1000"), ("memory", "512"), ("pcidevices", "10GE,10GE"), .. offering]))["serviceoffering"]!["id"]!;
        var templateId = (string)(await _management.OkAsync(
            "registerTemplate", None, ("name", name), ("url", "https://images.example/t"), ("format", "RAW"), ("hypervisor", "KVM")))["template"]![0]!["id"]!;
        var zoneId = (string)(await _management.OkAsync("listZones", None))["zone"]![0]!["id"]!;
        var job = await _management.JobAsync(
            "deployVirtualMachine", None, ("name", name), ("zoneid", zoneId), ("templateid", templateId), ("serviceofferingid", offeringId));
        return (string)job["jobinstanceid"]!;
    }

    private async Task<string> HostIdAsync(string name) =>
        (string)(await _management.OkAsync("listHosts", None, ("name", name)))["host"]!.Single()["id"]!;

    private async Task<(int Status, string Why)> RefusedAsync(string command, params (string, string)[] parameters)
    {
        var (status, answer) = await _management.CallAsync(command, None, parameters);
        Assert.NotEqual(HttpStatusCode.OK, status);
        return ((int)status, (string)((JObject)answer[$"{command.ToLowerInvariant()}response"]!)["errortext"]!);
    }
}
