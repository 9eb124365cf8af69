using PciBus.Contracts.Startup;
using PciBus.Management.Drain;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Hosts.Maintenance;
using PciBus.Management.Jobs;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>What goes wrong while a host is emptied for maintenance. What a migration does is done by hand here.</summary>
public abstract class MaintenanceFailureTests : IDisposable
{
    private static readonly DrainOptions Options = new();
    private readonly MaintenanceScene _scene;

    private protected MaintenanceFailureTests(DatabaseProvider provider) => _scene = new MaintenanceScene(provider);

    [Fact]
    public async Task OrderThatNobodyCarriesOut_IsGivenAgain_AndIsNoFailure()
    {
        var host = await _scene.HostAsync("kvm1");
        await _scene.RunAsync("vm", "");
        await _scene.HostAsync("kvm2");
        Assert.Null(await _scene.PrepareAsync(host, PciStrategy.Refuse));

        for (var round = 0; round < 5; round++)
        {
            Assert.Single(await _scene.AdvanceAsync(host));
            Assert.Equal(1, _scene.Moves().Single().Attempts);
        }
    }

    [Fact]
    [ShowsEndOf(AlertType.MaintenanceFailed)]
    public async Task MoveThatFails_IsTriedAgain_AndAfterThreeTheMaintenanceHasFailed()
    {
        var host = await _scene.HostAsync("kvm1");
        var vm = await _scene.RunAsync("vm", "");
        await _scene.HostAsync("kvm2");
        Assert.Null(await _scene.PrepareAsync(host, PciStrategy.Refuse));

        foreach (var wait in new[] { 30, 60 })
        {
            _scene.Fail((await _scene.AdvanceAsync(host)).Single(), "the guest does not let go");
            Assert.Empty(await _scene.AdvanceAsync(host));
            _scene.Life.Rig.Time.Advance(TimeSpan.FromSeconds(wait - 1));
            Assert.Empty(await _scene.AdvanceAsync(host));
            _scene.Life.Rig.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(ResourceState.PrepareForMaintenance, _scene.Look(host).ResourceState);
        _scene.Fail((await _scene.AdvanceAsync(host)).Single(), "the guest does not let go");
        Assert.Empty(await _scene.AdvanceAsync(host));

        Assert.Equal((ResourceState.ErrorInMaintenance, JobStatus.Failed), (_scene.Look(host).ResourceState, _scene.Job().JobStatus));
        Assert.Equal("kvm1 could not be emptied. vm: the guest does not let go", _scene.Job().JobResult);
        Assert.Equal((VirtualMachineState.Running, host.Id), (_scene.Look(vm).State, _scene.Look(vm).HostId));
        Assert.Null(_scene.Life.Standing(AlertType.MaintenanceFailed).Resolved);
        Assert.Null(await _scene.CancelAsync(host));
        Assert.NotNull(_scene.Life.Standing(AlertType.MaintenanceFailed).Resolved);
        Assert.Equal((ResourceState.Enabled, CapacityState.Enabled), (_scene.Look(host).ResourceState, _scene.Life.Capacity(host)));
    }

    [Fact]
    public async Task WhileOthersMoveYet_AFailureIsAnErrorInPreparation_AndIsOverWhenItMovesAfterAll()
    {
        var host = await _scene.HostAsync("kvm1");
        await _scene.RunAsync("failing", "");
        var target = await _scene.HostAsync("kvm2");
        Assert.Null(await _scene.PrepareAsync(host, PciStrategy.Wait));

        for (var attempt = 1; attempt <= Options.Attempts; attempt++)
        {
            _scene.Life.Rig.Time.Advance(TimeSpan.FromHours(1));
            _scene.Fail((await _scene.AdvanceAsync(host)).Single(), "it failed");
            Assert.Empty(await _scene.AdvanceAsync(host));
        }

        Assert.Equal((ResourceState.ErrorInPrepareForMaintenance, JobStatus.InProgress), (_scene.Look(host).ResourceState, _scene.Job().JobStatus));
        Assert.Equal("failing: it failed", _scene.Life.Standing(AlertType.MaintenanceFailed).Body);
        _scene.Life.Rig.Time.Advance(TimeSpan.FromHours(1));
        var order = (await _scene.AdvanceAsync(host)).Single();
        Assert.Equal(ResourceState.PrepareForMaintenance, _scene.Look(host).ResourceState);
        _scene.Move(_scene.Vm(order.VmId), target);
        await _scene.AdvanceAsync(host);
        Assert.Equal(ResourceState.Maintenance, _scene.Look(host).ResourceState);
    }

    [Fact]
    public async Task HostThatIsNotHeard_IsNotGivenUp_AndNobodyIsMoved()
    {
        var host = await _scene.HostAsync("kvm1");
        await _scene.RunAsync("vm", "");
        await _scene.HostAsync("kvm2");
        Assert.Null(await _scene.PrepareAsync(host, PciStrategy.Refuse));
        await _scene.Life.Rig.Agents.ShutdownAsync(new ShutdownCommand { HostGuid = host.Guid, Session = host.Session, Sequence = 150 }, CancellationToken.None);

        Assert.Empty(await _scene.AdvanceAsync(host));

        Assert.Equal(ResourceState.PrepareForMaintenance, _scene.Look(host).ResourceState);
        await _scene.ComesBackAsync(host);
        Assert.Single(await _scene.AdvanceAsync(host));
    }

    [Fact]
    public async Task PlaceThatIsTakenMeanwhile_IsReplacedByAnother()
    {
        var host = await _scene.HostAsync("kvm1", "28:00.1|10GE");
        await _scene.RunAsync("vm", "10GE");
        var first = await _scene.HostAsync("kvm2", "28:00.1|10GE");
        var second = await _scene.HostAsync("kvm3", "28:00.1|10GE");
        Assert.Null(await _scene.PrepareAsync(host, PciStrategy.Refuse));
        Assert.Equal(first.Id, _scene.Moves().Single().TargetHostId);

        await _scene.RunAsync("taker", "10GE", on: first);

        Assert.Equal(second.Id, (await _scene.AdvanceAsync(host)).Single().TargetHostId);
    }

    [Fact]
    public async Task PlaceThatIsGone_IsWaitedForAWhile_BeforeTheMaintenanceFails()
    {
        var host = await _scene.HostAsync("kvm1", "28:00.1|10GE");
        await _scene.RunAsync("vm", "10GE");
        var target = await _scene.HostAsync("kvm2", "28:00.1|10GE");
        Assert.Null(await _scene.PrepareAsync(host, PciStrategy.Refuse));
        await _scene.RunAsync("taker", "10GE", on: target);

        for (var attempt = 1; attempt < Options.Attempts; attempt++)
        {
            Assert.Empty(await _scene.AdvanceAsync(host));
            Assert.Empty(await _scene.AdvanceAsync(host));
            Assert.Equal(attempt, _scene.Moves().Single().Attempts);
            _scene.Life.Rig.Time.Advance(TimeSpan.FromHours(1));
        }

        Assert.Equal(ResourceState.PrepareForMaintenance, _scene.Look(host).ResourceState);
        Assert.Empty(await _scene.AdvanceAsync(host));
        Assert.Equal(ResourceState.ErrorInMaintenance, _scene.Look(host).ResourceState);
        Assert.Equal("kvm1 could not be emptied. vm: it waits for taker to leave kvm2", _scene.Job().JobResult);
    }

    [Fact]
    public async Task Stop_AlsoStopsOneWhoseMovesFail()
    {
        var host = await _scene.HostAsync("kvm1");
        await _scene.RunAsync("vm", "");
        await _scene.HostAsync("kvm2");
        Assert.Null(await _scene.PrepareAsync(host, PciStrategy.Stop));

        for (var attempt = 1; attempt <= Options.Attempts; attempt++)
        {
            _scene.Fail((await _scene.AdvanceAsync(host)).Single(order => order.TargetHostId is not null), "it failed");
            await _scene.AdvanceAsync(host);
            _scene.Life.Rig.Time.Advance(TimeSpan.FromHours(1));
        }

        Assert.Equal((null, false), (await _scene.AdvanceAsync(host)).Select(order => (order.TargetHostId, order.Forced)).Single());
    }

    public void Dispose()
    {
        _scene.Dispose();
        GC.SuppressFinalize(this);
    }

    public sealed class OnSqlite() : MaintenanceFailureTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : MaintenanceFailureTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : MaintenanceFailureTests(DatabaseProvider.SqlServer);
}
