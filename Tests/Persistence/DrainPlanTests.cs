using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Drain;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Maintenance;
using PciBus.Management.Persistence;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.VirtualMachines;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>What a plan to empty a host sees of the virtual machines there, and of the other hosts.</summary>
public abstract class DrainPlanTests : IDisposable
{
    private readonly ManagementRig _rig;
    private readonly Operator _act;

    private protected DrainPlanTests(DatabaseProvider provider)
    {
        _rig = new ManagementRig(provider: provider);
        _act = new Operator(_rig);
    }

    [Fact]
    public async Task Vms_AreMatchedWithTheHostsOfTheCluster()
    {
        var host = await HostAsync("kvm1", "28:00.1|10GE", "28:00.2|10GE", "3b:00.0|GPU");
        await RunAsync("port", "10GE", host);
        await RunAsync("graphics", "GPU", host);
        await RunAsync("plain", "", host);
        await RunAsync("bound", "10GE", host, PciMigration.Forbid);
        await HostAsync("kvm2", "28:00.1|10GE");

        var plan = await PlanAsync(host);

        Assert.Equal(
            [("plain", MoveOutcome.Live, "kvm2"), ("port", MoveOutcome.DetachAttach, "kvm2"), ("graphics", MoveOutcome.Cannot, null), ("bound", MoveOutcome.Cannot, null)],
            plan.Moves.Select(move => (move.Vm.Name, move.Outcome, move.Target?.Name)));
        Assert.Equal("kvm2: GPU: 1 asked, 0 left", plan.Moves[2].Reasons.Single());
        Assert.Equal("its offering forbids to migrate it with PCI devices (pcimigration=Forbid)", plan.Moves[3].Reasons.Single());
        Assert.Equal(2, plan.Most);
    }

    [Fact]
    public async Task Hosts_ThatTakeNothing_AndThoseOfOtherClusters_AreNoTargets_AndOneThatIsNotUpLetsNobodyGo()
    {
        var host = await HostAsync("kvm1", "28:00.1|10GE");
        await RunAsync("port", "10GE", host);
        var disabled = await HostAsync("kvm2", "28:00.1|10GE");
        _rig.Execute($"UPDATE op_host_capacity SET capacity_state = 'Disabled' WHERE host_id = {disabled.Id}");
        await _rig.ConnectAsync(Announcements.Host("kvm3", "28:00.1|10GE") with { Cluster = "other" });

        Assert.Equal("there is no other host that is Up and Enabled to which it may go", (await PlanAsync(host)).Moves.Single().Reasons.Single());
        host.Status = HostStatus.Alert;
        Assert.Equal("kvm1 is Alert, only a host that is Up can let it go", (await PlanAsync(host)).Moves.Single().Reasons.Single());
    }

    [Fact]
    public async Task Vm_ThatIsStopping_IsNotMoved_AndItsRoomElsewhereIsWaitedFor()
    {
        var host = await HostAsync("kvm1", "28:00.1|10GE", "28:00.2|10GE");
        await RunAsync("leaving", "10GE", host);
        await RunAsync("waiting", "10GE", host);
        var other = await HostAsync("kvm2", "28:00.1|10GE");
        await RunAsync("elsewhere", "10GE", other);
        _rig.Execute("UPDATE vm_instance SET state = 'Stopping' WHERE name IN ('leaving', 'elsewhere')");

        var plan = await PlanAsync(host);

        Assert.Equal([("leaving", MoveOutcome.Leaves), ("waiting", MoveOutcome.Waits)], plan.Moves.OrderBy(move => move.Vm.Id).Select(move => (move.Vm.Name, move.Outcome)));
        var waiting = plan.Moves.Single(move => move.Outcome == MoveOutcome.Waits);
        Assert.Equal(("kvm2", "kvm2", "elsewhere"), (waiting.Target?.Name, waiting.WaitsAt?.Name, waiting.WaitsFor.Single().Name));
    }

    [Fact]
    public async Task DevicesThatWereAttachedByHand_GoToo()
    {
        var host = await HostAsync("kvm1", "28:00.1|10GE", "28:00.2|10GE");
        await RunAsync("port", "10GE", host);
        _rig.Execute("UPDATE vm_instance SET wanted_pci_devices = '10GE,10GE'");
        await HostAsync("kvm2", "28:00.1|10GE");

        Assert.Equal("kvm2: 10GE: 2 asked, 1 left", (await PlanAsync(host)).Moves.Single().Reasons.Single());
    }

    [Fact]
    public async Task OneThatIsStillComing_IsNotToldToWaitForItself()
    {
        var from = await HostAsync("kvm1", "28:00.1|10GE");
        await RunAsync("coming", "10GE", from);
        var host = await HostAsync("kvm2", "28:00.1|10GE");
        _rig.Execute($"UPDATE vm_instance SET state = 'Migrating', host_id = {host.Id}");

        var move = (await PlanAsync(host)).Moves.Single();

        Assert.Equal((VirtualMachineState.Migrating, MoveOutcome.Cannot), (move.Vm.State, move.Outcome));
        Assert.Equal(["kvm1: 10GE: 1 asked, 0 left"], move.Reasons);
    }

    [Fact]
    public async Task OfMoreHosts_ThoseThatHaveTheDevicesAreLookedAt_AndThePlanSaysThatThereAreMore()
    {
        var host = await HostAsync("kvm1", "28:00.1|10GE", "3b:00.0|GPU");
        await RunAsync("port", "10GE", host);
        await RunAsync("graphics", "GPU", host);
        await HostAsync("kvm2");
        await HostAsync("kvm3", "28:00.1|10GE");

        var plan = await _rig.RunAsync((PciBusDbContext database) => PlanAsync(new DrainPlanManager(database, new DrainOptions { MostTargets = 1 }), host));

        Assert.Equal([("port", "kvm3"), ("graphics", null)], plan.Moves.Select(move => (move.Vm.Name, move.Target?.Name)));
        Assert.Equal(["kvm3: GPU: 1 asked, 0 left", "there are more hosts to which it may go: 1 were looked at"], plan.Moves[1].Reasons);
        Assert.Equal((1, 2), (plan.Placed, plan.Most));
    }

    public void Dispose()
    {
        _rig.Dispose();
        GC.SuppressFinalize(this);
    }

    private Task<Host> HostAsync(string name, params string[] pciDevices) => _rig.ConnectAsync(Announcements.Host(name, pciDevices));

    private async Task RunAsync(string name, string pciDevices, Host host, PciMigration migration = PciMigration.DetachAttach)
    {
        var vm = await _rig.CreateVmAsync(_rig.Add(Rows.Offering(pciDevices, migration: migration)), name);
        await _act.StartAsync(vm, host.Id);
        await _act.AnswerAsync(vm, Observation.Running);
    }

    private Task<DrainPlan> PlanAsync(Host host) => _rig.RunAsync((DrainPlanManager plans) => PlanAsync(plans, host));

    private static async Task<DrainPlan> PlanAsync(DrainPlanManager plans, Host host) =>
        await plans.PlanAsync(host, await plans.LookAsync(host, CancellationToken.None), CancellationToken.None);

    public sealed class OnSqlite() : DrainPlanTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : DrainPlanTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : DrainPlanTests(DatabaseProvider.SqlServer);
}
