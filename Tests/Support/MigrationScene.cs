using PciBus.Contracts.PciDevices;
using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Jobs;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.AttachPciDevices;
using PciBus.Management.Workflows.CancelMigration;
using PciBus.Management.Workflows.MigrateVirtualMachine;
using PciBus.Management.Workflows.StopVirtualMachine;

namespace PciBus.Tests.Support;

/// <summary>Two hosts with three devices each, and a virtual machine with two of them on the first.</summary>
internal sealed class MigrationScene : IDisposable
{
    private int _delivered;

    public MigrationScene(DatabaseProvider provider = DatabaseProvider.Sqlite, WorkflowOptions? options = null)
    {
        Rig = new ManagementRig(options, provider);
        Act = new Operator(Rig);
        Source = new ScriptedHost("kvm1", Rig.Agents, Rig.Time);
        Destination = new ScriptedHost("kvm2", Rig.Agents, Rig.Time) { Address = "192.0.2.2" };
        foreach (var host in Hosts)
        {
            host.Peers = Hosts;
            host.PciDevices.AddRange(new[] { "28:00.1|10GE", "28:00.2|10GE", "28:00.3|10GE" }.Select(Announcements.Device));
        }
    }

    public ManagementRig Rig { get; }

    public Operator Act { get; }

    public ScriptedHost Source { get; }

    public ScriptedHost Destination { get; }

    public IReadOnlyList<ScriptedHost> Hosts => [Source, Destination];

    /// <summary>What the bus does not carry.</summary>
    public Func<object, bool> Loses { get; set; } = _ => false;

    /// <summary>The virtual machine runs on the source, with its devices.</summary>
    public async Task<VirtualMachine> RunningAsync(PciMigration migration = PciMigration.DetachAttach, string pciDevices = "10GE,10GE")
    {
        await Source.AnnounceAsync(CancellationToken.None);
        await RunAsync();
        var vm = await Rig.CreateVmAsync(Rig.Add(Rows.Offering(pciDevices, migration: migration)));
        await Act.StartAsync(vm);
        await RunAsync();
        await Destination.AnnounceAsync(CancellationToken.None);
        await RunAsync();
        return vm;
    }

    public Task<StepOutcome> MigrateAsync(VirtualMachine vm, long? hostId = null) => Rig.Runner.BeginAsync(
        new WorkflowRequest(WorkflowKind.MigrateVirtualMachine, new MigrateDocument { HostId = hostId })
        {
            VmId = vm.Id,
            Job = new JobRequest("migrateVirtualMachine", Caller.Admin, EventTypes.VmMigrate, "migrating VM vm"),
        },
        CancellationToken.None);

    public Task<StepOutcome> BeginAsync(VirtualMachine vm, WorkflowKind kind, object document, string eventType) => Rig.Runner.BeginAsync(
        new WorkflowRequest(kind, document) { VmId = vm.Id, Job = new JobRequest($"{kind}", Caller.Admin, eventType, $"{kind} of VM vm") },
        CancellationToken.None);

    /// <summary>What virtual machines lack is given to them, as far as it can be.</summary>
    public async Task RepairAsync()
    {
        for (var round = 0; round < 10; round++)
        {
            foreach (var host in Hosts) await host.PingAsync(CancellationToken.None);
            Rig.Time.Advance(TimeSpan.FromMinutes(20));
            await Rig.RunJobAsync<RepairsJob>();
            await SettleAsync();
        }
    }

    public Task<StepOutcome> CancelAsync(VirtualMachine vm) => Rig.Runner.BeginAsync(
        new WorkflowRequest(WorkflowKind.CancelMigration, new CancelMigrationDocument(Host(Source).Id))
        {
            VmId = vm.Id,
            Job = new JobRequest("cancelVirtualMachineMigration", Caller.Admin, EventTypes.VmMigrateCancel, "giving up"),
            Urgent = true,
            OnlyIf = one => one.State == VirtualMachineState.Migrating,
        },
        CancellationToken.None);

    public Task<StepOutcome> ForceStopAsync(VirtualMachine vm) => Rig.Runner.BeginAsync(
        new WorkflowRequest(WorkflowKind.StopVirtualMachine, new StopDocument { Forced = true })
        {
            VmId = vm.Id,
            Job = new JobRequest("stopVirtualMachine", Caller.Admin, EventTypes.VmStop, "stopping VM vm"),
            Urgent = true,
        },
        CancellationToken.None);

    /// <summary>Delivers what management sends until there is nothing left, or until a message is met.</summary>
    /// <returns>Whether it was met; it has not been delivered.</returns>
    public async Task<bool> RunAsync(Predicate<object>? until = null)
    {
        while (true)
        {
            await Rig.DeliverAsync();
            var sent = Rig.Bus.Sent;
            if (_delivered == sent.Count) return false;
            var (destination, message) = sent[_delivered];
            if (until?.Invoke(message) == true) return true;
            _delivered++;
            var host = Hosts.SingleOrDefault(one => one.Queue == destination);
            if (host is not null && !Loses(message)) await host.TakeAsync(message, CancellationToken.None);
        }
    }

    /// <summary>The message that was met.</summary>
    public (string Destination, object Message) Next => Rig.Bus.Sent[_delivered];

    /// <summary>The message that was met is gone, with its queue.</summary>
    public object Drop() => Rig.Bus.Sent[_delivered++].Message;

    /// <summary>Time passes and hosts report, until nothing is under way any more.</summary>
    /// <returns>False when that does not come about.</returns>
    public async Task<bool> SettleAsync(int rounds = 100)
    {
        for (var round = 0; round < rounds; round++)
        {
            await RunAsync();
            foreach (var host in Hosts.Where(host => !host.Silent)) await host.PingAsync(CancellationToken.None);
            await RunAsync();
            if (Rig.Read(database => !database.Set<Workflow>().Any())) return true;
            Rig.Time.Advance(TimeSpan.FromMinutes(1));
            await Rig.RunJobAsync<OverdueWorkflowsJob>();
            await Rig.RunJobAsync<DownHostsJob>();
            await Rig.RunJobAsync<ParkedWorkflowsJob>();
        }

        return false;
    }

    public Host Host(ScriptedHost host) => Rig.Read(database => database.Set<Host>().Single(row => row.Guid == host.HostGuid));

    /// <summary>The devices of a host that somebody owns, by address.</summary>
    public IReadOnlyList<PciAddress> ClaimedOn(ScriptedHost host)
    {
        var hostId = Host(host).Id;
        return Rig.Read(database => database.Set<PciDevice>().Where(device => device.HostId == hostId && device.InstanceId != null)
            .AsEnumerable().Select(device => device.Address).Order().ToList());
    }

    public int TakersOf(ScriptedHost host)
    {
        var hostId = Host(host).Id;
        return Rig.Read(database => database.Set<HostCapacityOfVm>().Count(taken => taken.HostId == hostId));
    }

    public IReadOnlyList<Alert> Standing(AlertType type) =>
        Rig.Read(database => database.Set<Alert>().Where(alert => alert.Type == type && alert.Resolved == null).ToList());

    public AsyncJob Job(StepOutcome begun) => Rig.Read(database => database.Set<AsyncJob>().Single(job => job.Uuid == begun.JobUuid));

    public void Dispose() => Rig.Dispose();
}
