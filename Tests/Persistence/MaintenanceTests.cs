using Microsoft.EntityFrameworkCore;
using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management;
using PciBus.Management.Drain;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Hosts.Maintenance;
using PciBus.Management.Jobs;
using PciBus.Management.Persistence;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows.Maintenance;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>Hosts that are emptied for maintenance. What a migration does is done by hand here.</summary>
public abstract class MaintenanceTests : IDisposable
{
    private static readonly DrainOptions Options = new();

    private protected MaintenanceTests(DatabaseProvider provider) => Scene = new MaintenanceScene(provider);

    private MaintenanceScene Scene { get; }

    [Fact]
    public async Task Refuse_BeginsNothing_UnlessAllCanBeMoved()
    {
        var host = await Scene.HostAsync("kvm1", "28:00.1|10GE", "28:00.2|10GE");
        await Scene.RunAsync("moves", "10GE");
        await Scene.RunAsync("waits", "10GE");
        await Scene.HostAsync("kvm2", "28:00.1|10GE");

        var refusal = await Scene.PrepareAsync(host, PciStrategy.Refuse);

        Assert.Equal(
            (RefusalCause.ResourceInUse,
                "Of 2 virtual machines on kvm1, 1 cannot be moved now. waits: it waits for moves (which goes there first) to leave kvm2. pcistrategy=Wait waits for them, pcistrategy=Stop stops them"),
            (refusal!.Cause, refusal.Text));
        Assert.Equal((ResourceState.Enabled, CapacityState.Enabled), (Scene.Look(host).ResourceState, Scene.Life.Capacity(host)));
        Assert.Empty(Scene.Moves());
    }

    [Fact]
    public async Task VmThatMayNotBeMigrated_IsSaidToBeTheReason()
    {
        var host = await Scene.HostAsync("kvm1", "28:00.1|10GE");
        await Scene.RunAsync("vm", "10GE", PciMigration.Forbid);
        await Scene.HostAsync("kvm2", "28:00.1|10GE");

        Assert.Contains(
            "vm: its offering forbids to migrate it with PCI devices (pcimigration=Forbid)", (await Scene.PrepareAsync(host, PciStrategy.Refuse))!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task VmsLeave_SomeAtOnce_AndTheHostIsInMaintenance_WhenTheLastHasLeft()
    {
        var host = await Scene.HostAsync("kvm1", "28:00.1|10GE", "28:00.2|10GE");
        var vms = new[] { await Scene.RunAsync("a", "10GE"), await Scene.RunAsync("b", "10GE"), await Scene.RunAsync("c", "") };
        var target = await Scene.HostAsync("kvm2", "28:00.1|10GE", "28:00.2|10GE");

        Assert.Null(await Scene.PrepareAsync(host, PciStrategy.Refuse));
        Assert.Equal((ResourceState.PrepareForMaintenance, CapacityState.Disabled), (Scene.Look(host).ResourceState, Scene.Life.Capacity(host)));
        Assert.All(Scene.Moves(), move => Assert.Equal((target.Id, null), (move.TargetHostId, move.Begun)));

        var orders = await Scene.AdvanceAsync(host);
        Assert.Equal([("c", target.Id), ("a", target.Id)], orders.Select(order => (order.VmName, order.TargetHostId!.Value)));
        foreach (var order in orders) Scene.Hold(order);
        Assert.Empty(await Scene.AdvanceAsync(host));

        Scene.Move(vms[2], target);
        Assert.Equal(["b"], (await Scene.AdvanceAsync(host)).Select(order => order.VmName));
        Scene.Move(vms[0], target);
        Scene.Move(vms[1], target);
        Assert.Equal(JobStatus.InProgress, Scene.Job().JobStatus);
        Assert.Empty(await Scene.AdvanceAsync(host));

        Assert.Equal((ResourceState.Maintenance, JobStatus.Succeeded), (Scene.Look(host).ResourceState, Scene.Job().JobStatus));
        Assert.Empty(Scene.Moves());
        Assert.Empty(await Scene.FindAsync());
    }

    [Fact]
    public async Task Wait_WaitsForADevice_AndMovesWhenOneIsFree()
    {
        var host = await Scene.HostAsync("kvm1", "28:00.1|10GE");
        await Scene.RunAsync("vm", "10GE");
        var target = await Scene.HostAsync("kvm2", "28:00.1|10GE");
        var holder = await Scene.RunAsync("holder", "10GE");

        Assert.Null(await Scene.PrepareAsync(host, PciStrategy.Wait));
        for (var round = 0; round < 10; round++)
        {
            Scene.Life.Rig.Time.Advance(TimeSpan.FromHours(1));
            Assert.Empty(await Scene.AdvanceAsync(host));
        }

        Assert.Equal(ResourceState.PrepareForMaintenance, Scene.Look(host).ResourceState);
        Assert.Equal((MoveOutcome.Waits, "it waits for holder to leave kvm2"), (Scene.Moves().Single().Outcome, Scene.Moves().Single().Why));
        await Scene.Life.Act.StopAsync(holder);
        Assert.Empty(await Scene.AdvanceAsync(host));
        Assert.Equal((target.Id, "it waits for holder to leave kvm2"), (Scene.Moves().Single().TargetHostId, Scene.Moves().Single().Why));
        await Scene.Life.Act.AnswerAsync(holder, Observation.Off);
        Assert.Equal(target.Id, (await Scene.AdvanceAsync(host)).Single().TargetHostId);
    }

    [Fact]
    public async Task Stop_AsksTheGuest_ThenDestroys_AndOnlyThoseThatCannotBeMoved()
    {
        var host = await Scene.HostAsync("kvm1", "28:00.1|10GE");
        var stays = await Scene.RunAsync("stays", "10GE", PciMigration.Forbid);
        var moves = await Scene.RunAsync("moves", "");
        var target = await Scene.HostAsync("kvm2", "28:00.1|10GE");
        Assert.Null(await Scene.PrepareAsync(host, PciStrategy.Stop));
        var order = (await Scene.AdvanceAsync(host)).Single(one => one.TargetHostId is not null);
        Assert.Equal(moves.Id, order.VmId);
        Scene.Move(moves, target);

        await Scene.DrainAsync();
        Assert.False(Scene.Life.Rig.Bus.Last<StopCommand>().ForceStop);
        await Scene.Life.Act.AnswerAsync(stays, Observation.Running, result: false);
        await Scene.DrainAsync();
        Assert.Equal(VirtualMachineState.Running, Scene.Look(stays).State);

        Scene.Life.Rig.Time.Advance(Options.RetryInterval);
        await Scene.DrainAsync();
        Assert.True(Scene.Life.Rig.Bus.Last<StopCommand>().ForceStop);
        await Scene.Life.Act.AnswerAsync(stays, Observation.Off);
        await Scene.DrainAsync();
        Assert.Equal((ResourceState.Maintenance, VirtualMachineState.Stopped), (Scene.Look(host).ResourceState, Scene.Look(stays).State));
    }

    [Fact]
    public async Task Cancel_LeavesWhatHasBegun_AndBeginsNothingMore()
    {
        var host = await Scene.HostAsync("kvm1");
        for (var i = 1; i <= 3; i++) await Scene.RunAsync($"vm{i}", "");
        await Scene.HostAsync("kvm2");
        Assert.Null(await Scene.PrepareAsync(host, PciStrategy.Refuse));
        var orders = await Scene.AdvanceAsync(host);
        Assert.Equal(Options.Parallel, orders.Count);
        foreach (var order in orders) Scene.Hold(order);

        Assert.Null(await Scene.CancelAsync(host));

        Assert.Empty(await Scene.AdvanceAsync(host));
        Assert.Empty(Scene.Moves());
        Assert.Equal((ResourceState.Enabled, CapacityState.Enabled), (Scene.Look(host).ResourceState, Scene.Life.Capacity(host)));
        Assert.Equal("The maintenance of kvm1 was cancelled", Scene.Job().JobResult);
        Assert.Equal("kvm1 is Enabled, not in maintenance, nor on the way there", (await Scene.CancelAsync(host))!.Text);
    }

    [Fact]
    public async Task Stop_DecidesWhenItsHostIsUp_NotWhenNobodyCanLeaveIt()
    {
        var host = await Scene.HostAsync("kvm1");
        var vm = await Scene.RunAsync("vm", "");
        var target = await Scene.HostAsync("kvm2");
        await Scene.Life.Rig.Agents.ShutdownAsync(
            new ShutdownCommand { HostGuid = host.Guid, Session = Scene.Look(host).Session, Sequence = 100 }, CancellationToken.None);
        Assert.Null(await Scene.PrepareAsync(host, PciStrategy.Stop));
        Assert.Empty(await Scene.AdvanceAsync(host));

        await Scene.ComesBackAsync(host);

        Assert.Equal(target.Id, (await Scene.AdvanceAsync(host)).Single().TargetHostId);
        Assert.False(Scene.Moves().Single(move => move.VmId == vm.Id).Stops);
    }

    [Fact]
    public async Task GuestThatWasNotAsked_IsNotDestroyed()
    {
        var host = await Scene.HostAsync("kvm1", "28:00.1|10GE");
        var vm = await Scene.RunAsync("vm", "10GE", PciMigration.Forbid);
        Assert.Null(await Scene.PrepareAsync(host, PciStrategy.Stop));
        var order = (await Scene.AdvanceAsync(host)).Single();
        Scene.Hold(order);
        Scene.Fail(order, "kvm1 is not connected");
        Scene.Life.Rig.Execute("UPDATE async_job SET failure = 'AgentUnavailable' WHERE job_cmd = 'stopVirtualMachine'");

        Assert.Empty(await Scene.AdvanceAsync(host));
        Scene.Life.Rig.Time.Advance(Options.RetryInterval);

        order = (await Scene.AdvanceAsync(host)).Single();
        Assert.Equal((vm.Id, null, false), (order.VmId, order.TargetHostId, order.Forced));
    }

    [Fact]
    public async Task MoveThatWasDecided_IsNotBegun_WhenTheMaintenanceIsCancelledFirst()
    {
        var host = await Scene.HostAsync("kvm1");
        var vm = await Scene.RunAsync("vm", "");
        await Scene.HostAsync("kvm2");
        Assert.Null(await Scene.PrepareAsync(host, PciStrategy.Refuse));
        var order = (await Scene.AdvanceAsync(host)).Single();
        Assert.Null(await Scene.CancelAsync(host));

        Assert.False(await Scene.Life.Rig.Get<MaintenanceJob>().BeginAsync(order, CancellationToken.None));

        Assert.Equal((VirtualMachineState.Running, null), (Scene.Look(vm).State, Scene.Look(vm).WorkflowId));
    }

    /// <summary>A server that looks between an order and its workflow takes it for one that was not carried out.</summary>
    [Fact]
    public async Task OrderThatAnotherServerHasGivenAnew_IsNotCarriedOutTwice()
    {
        var host = await Scene.HostAsync("kvm1");
        await Scene.RunAsync("vm", "");
        var first = await Scene.HostAsync("kvm2");
        Assert.Null(await Scene.PrepareAsync(host, PciStrategy.Refuse));
        var order = (await Scene.AdvanceAsync(host)).Single();
        var second = await Scene.HostAsync("kvm3");
        Scene.Life.Rig.Execute($"UPDATE op_host_capacity SET capacity_state = 'Disabled' WHERE host_id = {first.Id}");
        Scene.Life.Rig.Time.Advance(TimeSpan.FromSeconds(1));

        var anew = (await Scene.AdvanceAsync(host)).Single();

        Assert.Equal((first.Id, second.Id), (order.TargetHostId, anew.TargetHostId));
        var job = Scene.Life.Rig.Get<MaintenanceJob>();
        Assert.False(await job.BeginAsync(order, CancellationToken.None));
        Assert.True(await job.BeginAsync(anew, CancellationToken.None));
    }

    [Fact]
    public async Task VmThatIsStopping_IsWaitedFor_AndNotMoved()
    {
        var host = await Scene.HostAsync("kvm1");
        var vm = await Scene.RunAsync("vm", "");
        await Scene.Life.Act.StopAsync(vm);

        Assert.Null(await Scene.PrepareAsync(host, PciStrategy.Refuse));
        Assert.Empty(await Scene.AdvanceAsync(host));
        Assert.Equal(MoveOutcome.Leaves, Scene.Moves().Single().Outcome);
        await Scene.Life.Act.AnswerAsync(vm, Observation.Off);
        Assert.Empty(await Scene.AdvanceAsync(host));
        Assert.Equal(ResourceState.Maintenance, Scene.Look(host).ResourceState);
    }

    [Fact]
    public async Task HostInMaintenance_IsRefused_AndAnEmptyOneIsThereAtOnce()
    {
        var host = await Scene.HostAsync("kvm1");
        Assert.Null(await Scene.PrepareAsync(host, PciStrategy.Refuse));
        await Scene.DrainAsync();
        Assert.Equal(ResourceState.Maintenance, Scene.Look(host).ResourceState);
        Assert.Equal("kvm1 is in Maintenance already", (await Scene.PrepareAsync(host, PciStrategy.Wait))!.Text);
        Assert.Null(await Scene.CancelAsync(host));
        Assert.Equal(
            [EventTypes.MaintenancePrepare, EventTypes.MaintenancePrepare, EventTypes.MaintenanceCancel, EventTypes.MaintenanceCancel],
            Scene.Life.Rig.Read(database => database.Set<Event>().AsNoTracking().Where(row => row.Type.StartsWith("MAINT")).OrderBy(row => row.Id).Select(row => row.Type).ToList()));
    }

    public void Dispose()
    {
        Scene.Dispose();
        GC.SuppressFinalize(this);
    }

    public sealed class OnSqlite() : MaintenanceTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : MaintenanceTests(DatabaseProvider.PostgreSql)
    {
        /// <summary>SQLite has one writer at a time.</summary>
        [Fact]
        public async Task OrderThatIsCarriedOut_WhileAnotherServerLooks_IsNotGivenAnew()
        {
            var host = await Scene.HostAsync("kvm1");
            var vm = await Scene.RunAsync("vm", "");
            await Scene.HostAsync("kvm2");
            Assert.Null(await Scene.PrepareAsync(host, PciStrategy.Refuse));
            var order = (await Scene.AdvanceAsync(host)).Single();
            Scene.Life.Rig.Time.Advance(TimeSpan.FromSeconds(1));

            var anew = await Scene.Life.Rig.RunAsync(async (DrainProgressManager progress) =>
            {
                var orders = await progress.AdvanceAsync(host.Id, CancellationToken.None);
                await Scene.Life.Rig.Get<MaintenanceJob>().BeginAsync(order, CancellationToken.None);
                return orders;
            });

            Assert.Empty(anew);
            Assert.NotNull(Scene.Look(vm).WorkflowId);
            Assert.Equal(order.Begun, Assert.Single(Scene.Moves()).Begun);
        }
    }

    [OutOfProcess]
    public sealed class OnSqlServer() : MaintenanceTests(DatabaseProvider.SqlServer);
}
