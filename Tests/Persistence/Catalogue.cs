using Microsoft.EntityFrameworkCore.Diagnostics;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management;
using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Hosts.Liveness;
using PciBus.Management.Jobs;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.Reconciliation;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.StartVirtualMachine;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>What management does with its database, by name: together the entries run every query of the managers.</summary>
internal static class Catalogue
{
    private static readonly Lazy<Task> Once = new(() => RunEachAsync(DatabaseProvider.Sqlite));

    public static IReadOnlyDictionary<string, Func<ManagementRig, Operator, Task>> Entries { get; } =
        new Dictionary<string, Func<ManagementRig, Operator, Task>>
        {
            ["a host comes, reports, changes and goes"] = HostAsync,
            ["an operator disables a host"] = (rig, _) => DisableAsync(rig),
            ["a host returns with claims of nobody there"] = StraysAsync,
            ["a VM starts with devices and stops"] = StartAndStopAsync,
            ["a VM is deployed without devices"] = async (rig, act) =>
            {
                await act.DeployAsync(rig.NewVm(rig.Add(Rows.Offering(ram: 256))));
                Assert.Null(act.LastJob().Failure);
            },
            ["a VM starts on the host that was asked for"] = async (rig, act) =>
            {
                var vm = await rig.CreateVmAsync(rig.Add(Rows.Offering("10GE")));
                await act.StartAsync(vm, IdOf(rig, "kvm2"));
                Assert.Equal(IdOf(rig, "kvm2"), act.Look(vm).HostId);
            },
            ["a start tries another host"] = TryAnotherAsync,
            ["a command comes back from a host that is away"] = async (rig, act) =>
            {
                var vm = await rig.CreateVmAsync(rig.Add(Rows.Offering("10GE")));
                await rig.DeliverAsync();
                rig.Bus.Returns = _ => PciBus.Management.Persistence.Delivery.ReturnedAtOnce;
                await act.StartAsync(vm, hostId: 2);
                await rig.DeliverAsync();
                Assert.Equal(VirtualMachineState.Stopped, act.Look(vm).State);
            },
            ["a message is given up"] = (rig, _) => HostCatalogue.RaiseAlertAsync(rig),
            ["an operator puts alerts aside, and deletes them"] = (rig, _) => HostCatalogue.EndAlertsAsync(rig),
            ["a start finds nothing and is told why"] = NothingFitsAsync,
            ["a start is given up for a destruction"] = GiveUpAsync,
            ["a silent host is waited for and speaks again"] = SilentHostAsync,
            ["a VM reboots, is destroyed and expunged"] = RebootAndDestroyAsync,
            ["a host is declared down under a VM"] = async (rig, act) =>
            {
                var vm = await act.RunAsync();
                await act.StopAsync(vm);
                var workflow = rig.Read(database => database.Set<Workflow>().Single());
                rig.Execute($"UPDATE host SET status = 'Down' WHERE id = {workflow.AwaitingHostId}");
                await rig.Runner.FeedAsync(workflow.Id, new HostDown(workflow.AwaitingHostId!.Value), CancellationToken.None);
                Assert.Equal(VirtualMachineState.Stopped, act.Look(vm).State);
            },
            ["a host is not heard, is declared down, and comes back"] = async (rig, act) =>
            {
                var offering = Rows.Offering("GPU");
                offering.HaEnabled = true;
                var vm = await rig.CreateVmAsync(rig.Add(offering));
                await act.StartAsync(vm);
                await act.AnswerAsync(vm, Observation.Running);
                rig.Pass(TimeSpan.FromSeconds(170));
                await rig.RunJobAsync<HostInvestigationJob>();
                rig.Pass(TimeSpan.FromMinutes(1));
                await rig.RunJobAsync<HostInvestigationJob>();
                var host = rig.Read(database => database.Set<Host>().Single(row => row.Id == act.Look(vm).HostId));
                Assert.Equal(HostStatus.Alert, host.Status);
                await rig.TryAsync((HostAdministrationManager hosts) => hosts.DeclareDownAsync(host.Id, false, Caller.Admin, CancellationToken.None));
                await rig.RunJobAsync<DownHostsJob>();
                await rig.RunJobAsync<RestartsJob>();
                Assert.Equal(VirtualMachineState.Stopped, act.Look(vm).State);
                await rig.ConnectAsync(Announcements.Host("kvm2", "28:00.1|10GE", "29:00.0|GPU"));
            },
            ["a host runs a copy of a VM, and says that it has ended"] = HostCatalogue.CopyAsync,
            ["a host numbers its buses otherwise"] = (rig, _) => HostCatalogue.RenumberAsync(rig),
            ["a host is fenced, others are not"] = (rig, _) => HostCatalogue.FenceAsync(rig),
            ["an operator reconnects hosts, and does not trust one"] = (rig, _) => HostCatalogue.ReconnectAsync(rig),
            ["reconciliation jobs run, and find what should not be"] = ReconcileAsync,
            ["a database is used for the first time, and after a restoration"] = async (rig, _) =>
            {
                await rig.RunAsync((RestoreManager restore) => restore.CheckAsync(CancellationToken.None));
                rig.Execute("UPDATE configuration SET value = 'elsewhere'");
                Assert.True(await rig.RunAsync((RestoreManager restore) => restore.CheckAsync(CancellationToken.None)));
            },
            ["a device leaves quarantine"] = (rig, _) => QuarantineAsync(rig),
            ["reconciliation looks through everything"] = async (rig, act) =>
            {
                await act.RunAsync();
                rig.Time.Advance(TimeSpan.FromMinutes(5));
                await rig.RunJobAsync<OverdueWorkflowsJob>();
                await rig.RunJobAsync<ParkedWorkflowsJob>();
                await rig.RunJobAsync<OutboxTakeOverJob>();
                await HostCatalogue.WriteHeardAsync(rig);
                await rig.RunJobAsync<OverdueDeviceJobsJob>();
            },
        };

    /// <summary>Runs all entries on SQLite, once in a process.</summary>
    public static Task RunAsync() => Once.Value;

    /// <summary>Runs each entry on a cluster of its own: two hosts, two devices each.</summary>
    public static async Task RunEachAsync(DatabaseProvider provider, params IInterceptor[] interceptors)
    {
        foreach (var (name, entry) in Entries)
        {
            try
            {
                using var rig = new ManagementRig(provider: provider, interceptors: interceptors);
                await rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE", "28:00.2|10GE"));
                await rig.ConnectAsync(Announcements.Host("kvm2", "28:00.1|10GE", "29:00.0|GPU"));
                await entry(rig, new Operator(rig));
                await rig.DeliverAsync();
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Catalogue entry \"{name}\": {exception.Message}", exception);
            }
        }
    }

    private static async Task HostAsync(ManagementRig rig, Operator act)
    {
        await rig.ConnectAsync(Announcements.Host("kvm3") with { Cluster = "other" });
        var host = await rig.ConnectAsync(Announcements.Host("kvm3", "28:00.1|10GE", "28:00.2|10GE"));
        for (var sequence = 2; sequence < 4; sequence++)
        {
            await rig.Agents.PingAsync(
                Announcements.Ping("kvm3", Announcements.Report("28:00.1|fast") with { Warnings = ["unreadable"] }, host.Session, sequence),
                CancellationToken.None);
        }

        await rig.Agents.PingAsync(Announcements.Ping("kvm3", Announcements.Report(), host.Session - 1, 9), CancellationToken.None);
        await rig.Agents.PingAsync(
            Announcements.Ping(
                "kvm3",
                Announcements.Report("28:00.1|fast") with { VirtualMachines = [Announcements.Domain(Guid.NewGuid(), "28:00.1")] },
                host.Session,
                9),
            CancellationToken.None);
        await rig.Get<HeardHosts>().WriteAsync(CancellationToken.None);
        await rig.Agents.ShutdownAsync(new ShutdownCommand { HostGuid = "kvm3", Session = host.Session }, CancellationToken.None);
        Assert.Equal(HostStatus.Disconnected, rig.Read(database => database.Set<Host>().Single(row => row.Id == host.Id)).Status);
    }

    private static long IdOf(ManagementRig rig, string host) =>
        rig.Read(database => database.Set<Host>().Single(row => row.Guid == host)).Id;

    private static async Task DisableAsync(ManagementRig rig)
    {
        foreach (var @event in new[] { ResourceEvent.Disable, ResourceEvent.Enable })
        {
            await rig.RunAsync(async (HostStateManager states) =>
            {
                using var database = rig.Open();
                return await states.MoveAsync(database.Set<Host>().First(), @event, CancellationToken.None);
            });
        }
    }

    private static async Task ReconcileAsync(ManagementRig rig, Operator act)
    {
        var runner = rig.Get<ReconciliationRunner>();
        var vm = await act.RunAsync();
        var left = await act.RunAsync("GPU", "left");
        rig.Execute($"UPDATE vm_instance SET state = 'Stopped', host_id = NULL WHERE id = {left.Id}");
        await act.StopAsync(vm);
        await act.RebootAsync(vm);
        rig.Execute("DELETE FROM workflow WHERE id = (SELECT min(id) FROM workflow); UPDATE op_host_capacity SET cpu_used = 7");
        rig.Time.Advance(TimeSpan.FromDays(400));
        foreach (var job in runner.Jobs.Concat(runner.Jobs)) Assert.Null(await runner.RunAsync(job, byHand: true, CancellationToken.None));
        Assert.NotEqual(7, rig.Read(database => database.Set<HostCapacity>().Max(row => row.CpuUsed)));
        rig.Execute("DROP TABLE pci_device_history");
        var failing = runner.Jobs.Single(job => job.Name == "retention");
        for (var run = 1; run <= ReconciliationRunManager.AlertAfter; run++) await runner.RunAsync(failing, byHand: true, CancellationToken.None);
        Assert.Equal(1, rig.Read(database => database.Set<Alert>().Count(alert => alert.Type == AlertType.ReconciliationJobFails)));
    }

    private static async Task StraysAsync(ManagementRig rig, Operator act)
    {
        var vm = await rig.CreateVmAsync(rig.Add(Rows.Offering("10GE")));
        rig.Execute($"UPDATE op_host_pci_devices SET instance_id = {vm.Id}, claim = 1 WHERE host_id = {IdOf(rig, "kvm1")}");
        await rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE", "28:00.2|10GE"));
        await act.AnswerAsync(vm, Observation.Off);
        Assert.Null(act.Look(vm).WorkflowId);
    }

    private static async Task StartAndStopAsync(ManagementRig rig, Operator act)
    {
        var vm = await act.RunAsync("10GE,10GE");
        await act.StopAsync(vm);
        await act.AnswerAsync(vm, Observation.Off);
        Assert.Equal(VirtualMachineState.Stopped, act.Look(vm).State);
        Assert.Equal(0, rig.Read(database => database.Set<PciDevice>().Count(device => device.InstanceId != null)));
    }

    private static async Task TryAnotherAsync(ManagementRig rig, Operator act)
    {
        var vm = await rig.CreateVmAsync(rig.Add(Rows.Offering("10GE")));
        await act.StartAsync(vm);
        var first = act.Look(vm).HostId;
        await act.AnswerAsync(vm, Observation.Off, result: false);
        await act.AnswerAsync(vm, Observation.Off);
        Assert.NotEqual(first, act.Look(vm).HostId);
        await act.AnswerAsync(vm, Observation.Off, result: false, notBegun: true);
        Assert.Equal(RefusalCause.OperationFailed, act.LastJob().Failure);
    }

    private static async Task NothingFitsAsync(ManagementRig rig, Operator act)
    {
        foreach (var offering in new[] { Rows.Offering("FPGA"), Rows.Offering("10GE,10GE,10GE"), Rows.Offering(ram: 999_999), Rows.Offering(hostTags: "ssd") })
        {
            await act.StartAsync(await rig.CreateVmAsync(rig.Add(offering)));
            Assert.Equal(RefusalCause.InsufficientCapacity, act.LastJob().Failure);
        }

        await act.StartAsync(await rig.CreateVmAsync(rig.Add(Rows.Offering("GPU"))), IdOf(rig, "kvm1"));
        Assert.Contains("kvm1: GPU: 1 asked, 0 free", act.LastJob().JobResult, StringComparison.Ordinal);
    }

    private static async Task GiveUpAsync(ManagementRig rig, Operator act)
    {
        var vm = await rig.CreateVmAsync(rig.Add(Rows.Offering("10GE")));
        await act.StartAsync(vm);
        await act.DestroyAsync(vm);
        await act.AnswerAsync(vm, Observation.Off);
        Assert.Equal(VirtualMachineState.Destroyed, act.Look(vm).State);
    }

    private static async Task SilentHostAsync(ManagementRig rig, Operator act)
    {
        var vm = await rig.CreateVmAsync(rig.Add(Rows.Offering("10GE")));
        await act.StartAsync(vm);
        for (var minute = 0; minute < 15; minute++)
        {
            rig.Time.Advance(TimeSpan.FromMinutes(1));
            await rig.RunJobAsync<OverdueWorkflowsJob>();
        }

        Assert.Equal(RefusalCause.OperationTimedOut, act.LastJob().Failure);
        await rig.RunJobAsync<ParkedWorkflowsJob>();
        var host = rig.Read(database => database.Set<Host>().Single(row => row.Id == database.Set<Workflow>().Single().AwaitingHostId));
        await rig.ConnectAsync(Announcements.Host(host.Guid, "28:00.1|10GE", "28:00.2|10GE"));
        await act.AnswerAsync(vm, Observation.Running);
        Assert.Equal(VirtualMachineState.Running, act.Look(vm).State);
    }

    private static async Task RebootAndDestroyAsync(ManagementRig rig, Operator act)
    {
        var vm = await act.RunAsync("GPU");
        await act.RebootAsync(vm);
        await rig.ConnectAsync(Announcements.Host("kvm2", "28:00.1|10GE", "29:00.0|GPU") with
        {
            Report = Announcements.Report("28:00.1|10GE", "29:00.0|GPU") with { VirtualMachines = [Announcements.Domain(vm.Uuid, "29:00.0")] },
        });
        await act.AnswerAsync(vm, Observation.Running);
        await act.DestroyAsync(vm, expunge: true);
        await act.AnswerAsync(vm, Observation.Off, clean: false);
        Assert.Equal(VirtualMachineState.Expunging, act.Look(vm).State);
    }

    private static async Task QuarantineAsync(ManagementRig rig)
    {
        rig.Execute("UPDATE op_host_pci_devices SET health = 'Quarantined', health_reason = 'dirty'");
        var request = new JobRequest("releasePciDevice", Caller.Admin, EventTypes.PciDeviceRelease, "releasing a device");
        foreach (var clean in new[] { true, false })
        {
            var device = rig.Read(database => database.Set<PciDevice>().First(one => one.Health == PciDeviceHealth.Quarantined));
            var host = rig.Read(database => database.Set<Host>().Single(host => host.Id == device.HostId));
            var job = await rig.RunAsync((PciDeviceQuarantineManager quarantine) =>
                quarantine.BeginReleaseAsync(device, request, CancellationToken.None));
            await rig.Agents.AnswerAsync(
                new ResetPciDeviceAnswer { CommandId = job.Uuid, HostGuid = host.Guid, Session = host.Session, DeviceId = device.Id, Claim = device.Claim, Result = clean },
                CancellationToken.None);
        }

        var last = rig.Read(database => database.Set<PciDevice>().First(one => one.Health == PciDeviceHealth.Quarantined));
        await rig.RunAsync((PciDeviceQuarantineManager quarantine) => quarantine.BeginReleaseAsync(last, request, CancellationToken.None));
        rig.Time.Advance(TimeSpan.FromHours(1));
        await rig.RunJobAsync<OverdueDeviceJobsJob>();
        Assert.Equal(0, rig.Read(database => database.Set<AsyncJob>().Count(job => job.JobStatus == JobStatus.InProgress)));
    }
}
