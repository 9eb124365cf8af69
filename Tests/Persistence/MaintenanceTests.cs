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
    private readonly MaintenanceScene _scene;

    private protected MaintenanceTests(DatabaseProvider provider) => _scene = new MaintenanceScene(provider);

    [Fact]
    public async Task Refuse_BeginsNothing_UnlessAllCanBeMoved()
    {
        var host = await _scene.HostAsync("kvm1", "28:00.1|10GE", "28:00.2|10GE");
        await _scene.RunAsync("moves", "10GE");
        await _scene.RunAsync("waits", "10GE");
        await _scene.HostAsync("kvm2", "28:00.1|10GE");

        var refusal = await _scene.PrepareAsync(host, PciStrategy.Refuse);

        Assert.Equal(
            (RefusalCause.ResourceInUse,
                "Of 2 virtual machines on kvm1, 1 cannot be moved now. waits: it waits for moves (which goes there first) to leave kvm2. pcistrategy=Wait waits for them, pcistrategy=Stop stops them"),
            (refusal!.Cause, refusal.Text));
        Assert.Equal((ResourceState.Enabled, CapacityState.Enabled), (_scene.Look(host).ResourceState, _scene.Life.Capacity(host)));
        Assert.Empty(_scene.Moves());
    }

    [Fact]
    public async Task VmThatMayNotBeMigrated_IsSaidToBeTheReason()
    {
        var host = await _scene.HostAsync("kvm1", "28:00.1|10GE");
        await _scene.RunAsync("vm", "10GE", PciMigration.Forbid);
        await _scene.HostAsync("kvm2", "28:00.1|10GE");

        Assert.Contains(
            "vm: its offering forbids to migrate it with PCI devices (pcimigration=Forbid)", (await _scene.PrepareAsync(host, PciStrategy.Refuse))!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task VmsLeave_SomeAtOnce_AndTheHostIsInMaintenance_WhenTheLastHasLeft()
    {
        var host = await _scene.HostAsync("kvm1", "28:00.1|10GE", "28:00.2|10GE");
        var vms = new[] { await _scene.RunAsync("a", "10GE"), await _scene.RunAsync("b", "10GE"), await _scene.RunAsync("c", "") };
        var target = await _scene.HostAsync("kvm2", "28:00.1|10GE", "28:00.2|10GE");

        Assert.Null(await _scene.PrepareAsync(host, PciStrategy.Refuse));
        Assert.Equal((ResourceState.PrepareForMaintenance, CapacityState.Disabled), (_scene.Look(host).ResourceState, _scene.Life.Capacity(host)));
        Assert.All(_scene.Moves(), move => Assert.Equal((target.Id, null), (move.TargetHostId, move.Begun)));

        var orders = await _scene.AdvanceAsync(host);
        Assert.Equal([("c", target.Id), ("a", target.Id)], orders.Select(order => (order.VmName, order.TargetHostId!.Value)));
        foreach (var order in orders) _scene.Hold(order);
        Assert.Empty(await _scene.AdvanceAsync(host));

        _scene.Move(vms[2], target);
        Assert.Equal(["b"], (await _scene.AdvanceAsync(host)).Select(order => order.VmName));
        _scene.Move(vms[0], target);
        _scene.Move(vms[1], target);
        Assert.Equal(JobStatus.InProgress, _scene.Job().JobStatus);
        Assert.Empty(await _scene.AdvanceAsync(host));

        Assert.Equal((ResourceState.Maintenance, JobStatus.Succeeded), (_scene.Look(host).ResourceState, _scene.Job().JobStatus));
        Assert.Empty(_scene.Moves());
        Assert.Empty(await _scene.FindAsync());
    }

    [Fact]
    public async Task Wait_WaitsForADevice_AndMovesWhenOneIsFree()
    {
        var host = await _scene.HostAsync("kvm1", "28:00.1|10GE");
        await _scene.RunAsync("vm", "10GE");
        var target = await _scene.HostAsync("kvm2", "28:00.1|10GE");
        var holder = await _scene.RunAsync("holder", "10GE");

        Assert.Null(await _scene.PrepareAsync(host, PciStrategy.Wait));
        for (var round = 0; round < 10; round++)
        {
            _scene.Life.Rig.Time.Advance(TimeSpan.FromHours(1));
            Assert.Empty(await _scene.AdvanceAsync(host));
        }

        Assert.Equal(ResourceState.PrepareForMaintenance, _scene.Look(host).ResourceState);
        Assert.Equal((MoveOutcome.Waits, "it waits for holder to leave kvm2"), (_scene.Moves().Single().Outcome, _scene.Moves().Single().Why));
        await _scene.Life.Act.StopAsync(holder);
        Assert.Empty(await _scene.AdvanceAsync(host));
        Assert.Equal((target.Id, "it waits for holder to leave kvm2"), (_scene.Moves().Single().TargetHostId, _scene.Moves().Single().Why));
        await _scene.Life.Act.AnswerAsync(holder, Observation.Off);
        Assert.Equal(target.Id, (await _scene.AdvanceAsync(host)).Single().TargetHostId);
    }

    [Fact]
    public async Task Stop_AsksTheGuest_ThenDestroys_AndOnlyThoseThatCannotBeMoved()
    {
        var host = await _scene.HostAsync("kvm1", "28:00.1|10GE");
        var stays = await _scene.RunAsync("stays", "10GE", PciMigration.Forbid);
        var moves = await _scene.RunAsync("moves", "");
        var target = await _scene.HostAsync("kvm2", "28:00.1|10GE");
        Assert.Null(await _scene.PrepareAsync(host, PciStrategy.Stop));
        var order = (await _scene.AdvanceAsync(host)).Single(one => one.TargetHostId is not null);
        Assert.Equal(moves.Id, order.VmId);
        _scene.Move(moves, target);

        await _scene.DrainAsync();
        Assert.False(_scene.Life.Rig.Bus.Last<StopCommand>().ForceStop);
        await _scene.Life.Act.AnswerAsync(stays, Observation.Running, result: false);
        await _scene.DrainAsync();
        Assert.Equal(VirtualMachineState.Running, _scene.Look(stays).State);

        _scene.Life.Rig.Time.Advance(Options.RetryInterval);
        await _scene.DrainAsync();
        Assert.True(_scene.Life.Rig.Bus.Last<StopCommand>().ForceStop);
        await _scene.Life.Act.AnswerAsync(stays, Observation.Off);
        await _scene.DrainAsync();
        Assert.Equal((ResourceState.Maintenance, VirtualMachineState.Stopped), (_scene.Look(host).ResourceState, _scene.Look(stays).State));
    }

    [Fact]
    public async Task Cancel_LeavesWhatHasBegun_AndBeginsNothingMore()
    {
        var host = await _scene.HostAsync("kvm1");
        for (var i = 1; i <= 3; i++) await _scene.RunAsync($"vm{i}", "");
        await _scene.HostAsync("kvm2");
        Assert.Null(await _scene.PrepareAsync(host, PciStrategy.Refuse));
        var orders = await _scene.AdvanceAsync(host);
        Assert.Equal(Options.Parallel, orders.Count);
        foreach (var order in orders) _scene.Hold(order);

        Assert.Null(await _scene.CancelAsync(host));

        Assert.Empty(await _scene.AdvanceAsync(host));
        Assert.Empty(_scene.Moves());
        Assert.Equal((ResourceState.Enabled, CapacityState.Enabled), (_scene.Look(host).ResourceState, _scene.Life.Capacity(host)));
        Assert.Equal("The maintenance of kvm1 was cancelled", _scene.Job().JobResult);
        Assert.Equal("kvm1 is Enabled, not in maintenance, nor on the way there", (await _scene.CancelAsync(host))!.Text);
    }

    [Fact]
    public async Task Stop_DecidesWhenItsHostIsUp_NotWhenNobodyCanLeaveIt()
    {
        var host = await _scene.HostAsync("kvm1");
        var vm = await _scene.RunAsync("vm", "");
        var target = await _scene.HostAsync("kvm2");
        await _scene.Life.Rig.Agents.ShutdownAsync(
            new ShutdownCommand { HostGuid = host.Guid, Session = _scene.Look(host).Session, Sequence = 100 }, CancellationToken.None);
        Assert.Null(await _scene.PrepareAsync(host, PciStrategy.Stop));
        Assert.Empty(await _scene.AdvanceAsync(host));

        await _scene.ComesBackAsync(host);

        Assert.Equal(target.Id, (await _scene.AdvanceAsync(host)).Single().TargetHostId);
        Assert.False(_scene.Moves().Single(move => move.VmId == vm.Id).Stops);
    }

    [Fact]
    public async Task GuestThatWasNotAsked_IsNotDestroyed()
    {
        var host = await _scene.HostAsync("kvm1", "28:00.1|10GE");
        var vm = await _scene.RunAsync("vm", "10GE", PciMigration.Forbid);
        Assert.Null(await _scene.PrepareAsync(host, PciStrategy.Stop));
        var order = (await _scene.AdvanceAsync(host)).Single();
        _scene.Hold(order);
        _scene.Fail(order, "kvm1 is not connected");
        _scene.Life.Rig.Execute("UPDATE async_job SET failure = 'AgentUnavailable' WHERE job_cmd = 'stopVirtualMachine'");

        Assert.Empty(await _scene.AdvanceAsync(host));
        _scene.Life.Rig.Time.Advance(Options.RetryInterval);

        order = (await _scene.AdvanceAsync(host)).Single();
        Assert.Equal((vm.Id, null, false), (order.VmId, order.TargetHostId, order.Forced));
    }

    [Fact]
    public async Task MoveThatWasDecided_IsNotBegun_WhenTheMaintenanceIsCancelledFirst()
    {
        var host = await _scene.HostAsync("kvm1");
        var vm = await _scene.RunAsync("vm", "");
        await _scene.HostAsync("kvm2");
        Assert.Null(await _scene.PrepareAsync(host, PciStrategy.Refuse));
        var order = (await _scene.AdvanceAsync(host)).Single();
        Assert.Null(await _scene.CancelAsync(host));

        Assert.False(await _scene.Life.Rig.Get<MaintenanceJob>().BeginAsync(order, CancellationToken.None));

        Assert.Equal((VirtualMachineState.Running, null), (_scene.Look(vm).State, _scene.Look(vm).WorkflowId));
    }

    [Fact]
    public async Task VmThatIsStopping_IsWaitedFor_AndNotMoved()
    {
        var host = await _scene.HostAsync("kvm1");
        var vm = await _scene.RunAsync("vm", "");
        await _scene.Life.Act.StopAsync(vm);

        Assert.Null(await _scene.PrepareAsync(host, PciStrategy.Refuse));
        Assert.Empty(await _scene.AdvanceAsync(host));
        Assert.Equal(MoveOutcome.Leaves, _scene.Moves().Single().Outcome);
        await _scene.Life.Act.AnswerAsync(vm, Observation.Off);
        Assert.Empty(await _scene.AdvanceAsync(host));
        Assert.Equal(ResourceState.Maintenance, _scene.Look(host).ResourceState);
    }

    [Fact]
    public async Task HostInMaintenance_IsRefused_AndAnEmptyOneIsThereAtOnce()
    {
        var host = await _scene.HostAsync("kvm1");
        Assert.Null(await _scene.PrepareAsync(host, PciStrategy.Refuse));
        await _scene.DrainAsync();
        Assert.Equal(ResourceState.Maintenance, _scene.Look(host).ResourceState);
        Assert.Equal("kvm1 is in Maintenance already", (await _scene.PrepareAsync(host, PciStrategy.Wait))!.Text);
        Assert.Null(await _scene.CancelAsync(host));
        Assert.Equal(
            [EventTypes.MaintenancePrepare, EventTypes.MaintenancePrepare, EventTypes.MaintenanceCancel, EventTypes.MaintenanceCancel],
            _scene.Life.Rig.Read(database => database.Set<Event>().AsNoTracking().Where(row => row.Type.StartsWith("MAINT")).OrderBy(row => row.Id).Select(row => row.Type).ToList()));
    }

    public void Dispose()
    {
        _scene.Dispose();
        GC.SuppressFinalize(this);
    }

    public sealed class OnSqlite() : MaintenanceTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : MaintenanceTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : MaintenanceTests(DatabaseProvider.SqlServer);
}
