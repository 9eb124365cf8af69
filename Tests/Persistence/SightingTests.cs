using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.StartVirtualMachine;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>A virtual machine that a host was seen to run is started nowhere until that host says that it is off.</summary>
public abstract class SightingTests : IDisposable
{
    private readonly HostLife _life;
    private Host? _first;

    private protected SightingTests(DatabaseProvider provider) => _life = new HostLife(provider);

    private ManagementRig Rig => _life.Rig;

    [Fact]
    [ShowsEndOf(AlertType.VirtualMachineSighted)]
    public async Task StoppedVm_ThatAHostRuns_IsNotStarted_UntilThatHostSaysOff()
    {
        var (_, second, vm) = await StoppedAsync();
        await ReportAsync(second, 2, vm);

        await _life.Act.StartAsync(vm);
        Assert.Equal("vm was seen to run on kvm2: it is started nowhere until that host says that it is off", Failure());
        Assert.Equal(VirtualMachineState.Stopped, _life.Act.Look(vm).State);
        Assert.Equal("vm was seen to run on kvm2, and should not be there", Assert.Single(Alerts()));

        // The domain was ended by hand: its report does not show it, and Settle asks the host.
        await ReportAsync(second, 3);
        Assert.Single(Alerts());
        await _life.Act.AnswerAsync(vm, Observation.Off);
        Assert.Empty(Alerts());
        await _life.Act.StartAsync(vm);
        Assert.Equal(VirtualMachineState.Starting, _life.Act.Look(vm).State);
    }

    [Fact]
    public async Task HostThatShowsItAgainAndAgain_IsNotAskedEachTime()
    {
        var (_, second, vm) = await StoppedAsync();

        for (var sequence = 2; sequence < 5; sequence++)
        {
            await ReportAsync(second, sequence, vm);
            Assert.Null(_life.Act.Look(vm).WorkflowId);
        }

        await ReportAsync(second, 5);
        Assert.NotNull(_life.Act.Look(vm).WorkflowId);
    }

    [Fact]
    public async Task StartWhereSomebodyElseStartedIt_Fails_AndTouchesNothing()
    {
        var (first, second, vm) = await StoppedAsync();
        await _life.Act.StartAsync(vm, first.Id);

        // The start's own answer was lost: the host is asked.
        Rig.Time.Advance(new WorkflowOptions().CommandTimeout + TimeSpan.FromSeconds(1));
        await _life.Rig.RunJobAsync<OverdueWorkflowsJob>();
        await _life.Act.AnswerAsync(vm, Observation.Running, withItsDevices: false);

        Assert.Equal((VirtualMachineState.Stopped, null), (_life.Act.Look(vm).State, _life.Act.Look(vm).WorkflowId));
        Assert.Equal(
            "vm runs on kvm1 already, without the devices it was to be started with: somebody else started it there. It was not touched", Failure());
        Assert.Equal(vm.Id, _life.DeviceOf(first).InstanceId);
        Assert.Equal("vm was seen to run on kvm1, and should not be there", Assert.Single(Alerts()));
        await _life.Act.StartAsync(vm, second.Id);
        Assert.StartsWith("vm was seen to run on kvm1: it is started nowhere", Failure(), StringComparison.Ordinal);
        await ReportAsync(first, 101, vm);
        Assert.Single(Sightings());

        await ReportAsync(first, 102);
        await _life.Act.AnswerAsync(vm, Observation.Off, sequence: 103);
        Assert.Empty(Sightings());
        Assert.Null(_life.DeviceOf(first).InstanceId);
    }

    [Fact]
    public async Task Restart_WaitsForTheHostThatRunsIt()
    {
        var (_, second, vm) = await _life.LostAsync(highlyAvailable: true);
        await ReportAsync(second, 2, vm);

        await _life.Rig.RunJobAsync<RestartsJob>();
        Assert.Equal(VirtualMachineState.Stopped, _life.Act.Look(vm).State);
        Assert.Null(_life.Act.Look(vm).WorkflowId);

        await ReportAsync(second, 3);
        await _life.Act.AnswerAsync(vm, Observation.Off);
        await _life.Rig.RunJobAsync<RestartsJob>();
        Assert.Equal((VirtualMachineState.Starting, second.Id), (_life.Act.Look(vm).State, _life.Act.Look(vm).HostId));
    }

    [Fact]
    public async Task ReportThatTheFarewellOvertook_ShowsWhatRunsThere_AndDoesNotBringTheHostBack()
    {
        var (_, second, vm) = await StoppedAsync();
        await Rig.Agents.ShutdownAsync(new ShutdownCommand { HostGuid = "kvm2", Session = second.Session, Sequence = 5 }, CancellationToken.None);

        await ReportAsync(second, 3, vm);
        Assert.Single(Sightings());
        Assert.Equal(HostStatus.Disconnected, _life.Look(second).Status);
        await _life.Act.StartAsync(vm);
        Assert.StartsWith("vm was seen to run on kvm2", Failure(), StringComparison.Ordinal);

        await ReportAsync(second, 6, vm);
        Assert.Equal(HostStatus.Up, _life.Look(second).Status);
    }

    [Fact]
    public async Task Silence_ANewSession_AndASectionThatWasNotCollected_EndNothing()
    {
        var (_, second, vm) = await StoppedAsync();
        await ReportAsync(second, 2, vm);

        await Rig.Agents.PingAsync(
            Announcements.Ping("kvm2", Announcements.Report("28:00.1|10GE") with { VirtualMachines = null }, second.Session, 3), CancellationToken.None);
        await _life.InvestigateAfterAsync(HostLife.Behind + HostLife.Options.PingInterval);
        Assert.Single(Sightings());
        await Rig.ConnectAsync(Announcements.Host("kvm2", "28:00.1|10GE"));
        Assert.Single(Sightings());

        await _life.Act.AnswerAsync(vm, Observation.Off);
        Assert.Empty(Sightings());
    }

    [Fact]
    public async Task HostThatIsDeclaredDown_EndsWhatWasSeenThere()
    {
        var (_, second, vm) = await StoppedAsync();
        await ReportAsync(second, 2, vm);

        await _life.LoseAsync(_life.Look(second));

        Assert.Empty(Sightings());
        Assert.Empty(Alerts());
    }

    [Fact]
    public async Task ReportThatTheHostHasOvertaken_IsNoSighting()
    {
        var (first, _, vm) = await StoppedAsync();

        // Its word that it is off had the sequence 100.
        await ReportAsync(first, 99, vm);
        Assert.Empty(Sightings());

        await ReportAsync(first, 101, vm);
        Assert.Single(Sightings());
    }

    [Theory]
    [InlineData(Observation.Running)]
    [InlineData(Observation.Unknown)]
    public async Task Start_GivesWay_WhenAnotherHostRunsIt(Observation said)
    {
        var (_, second, vm) = await StoppedAsync();
        await _life.Act.StartAsync(vm, _first!.Id);
        await ReportAsync(second, 2, vm);
        await Rig.DeliverAsync();
        Assert.Equal("agent.kvm2", Rig.Bus.Sent[^1].Destination);
        Assert.IsType<StopCommand>(Rig.Bus.Sent[^1].Message);

        await _life.Act.AnswerAsync(vm, said, result: false);
        await Rig.DeliverAsync();
        Assert.Equal("agent.kvm1", Rig.Bus.Sent[^1].Destination);
        Assert.True(Rig.Bus.Last<StopCommand>().ForceStop);
        await _life.Act.AnswerAsync(vm, Observation.Off);

        Assert.Equal((VirtualMachineState.Stopped, null), (_life.Act.Look(vm).State, _life.DeviceOf(_first!).InstanceId));
        Assert.Equal("The start was given up: vm was seen to run on kvm2, which has not said that it is off", Failure());
        Assert.Single(Sightings());
    }

    [Fact]
    public async Task Start_GoesOn_WhenTheOtherHostSaysOff()
    {
        var (first, second, vm) = await StoppedAsync();
        await _life.Act.StartAsync(vm, first.Id);
        await ReportAsync(second, 2, vm);

        await _life.Act.AnswerAsync(vm, Observation.Off);
        await Rig.DeliverAsync();
        Assert.Equal("agent.kvm1", Rig.Bus.Sent.Last(sent => sent.Message is CheckVirtualMachineCommand).Destination);
        await _life.Act.AnswerAsync(vm, Observation.Running);

        Assert.Equal((VirtualMachineState.Running, first.Id), (_life.Act.Look(vm).State, _life.Act.Look(vm).HostId));
        Assert.Empty(Sightings());
    }

    [Fact]
    public async Task MachineThatIsToBeStartedAgain_AndRunsYetWhereItWas_IsRunningThereAgain()
    {
        var (first, _, vm) = await _life.LostAsync(highlyAvailable: true);

        await _life.ComesBackWithAsync(vm);
        await _life.Act.AnswerAsync(vm, Observation.Running, result: false);

        var now = _life.Act.Look(vm);
        Assert.Equal((VirtualMachineState.Running, first.Id, null), (now.State, now.HostId, now.RestartAt));
        Assert.Empty(Sightings());
    }

    public void Dispose()
    {
        _life.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Two hosts with a device each, and a virtual machine that has run on the first and is Stopped.</summary>
    private async Task<(Host First, Host Second, VirtualMachine Vm)> StoppedAsync()
    {
        _first = await Rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        var vm = await _life.Act.RunAsync();
        await _life.Act.StopAsync(vm);
        await _life.Act.AnswerAsync(vm, Observation.Off);
        var second = await Rig.ConnectAsync(Announcements.Host("kvm2", "28:00.1|10GE"));
        Assert.Equal(VirtualMachineState.Stopped, _life.Act.Look(vm).State);
        return (_first, second, vm);
    }

    private Task ReportAsync(Host host, long sequence, params VirtualMachine[] runs) => Rig.Agents.PingAsync(
        Announcements.Ping(
            host.Guid,
            Announcements.Report("28:00.1|10GE") with { VirtualMachines = [.. runs.Select(vm => Announcements.Domain(vm.Uuid))] },
            _life.Look(host).Session,
            sequence) with
        { SentAt = Rig.Time.GetUtcNow() },
        CancellationToken.None);

    private string? Failure() => _life.Act.LastJob().JobResult;

    private List<Sighting> Sightings() => Rig.Read(database => database.Set<Sighting>().ToList());

    private List<string> Alerts() => Rig.Read(database => database.Set<Alert>()
        .Where(alert => alert.Type == AlertType.VirtualMachineSighted && alert.Resolved == null).Select(alert => alert.Subject).ToList());

    public sealed class OnSqlite() : SightingTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : SightingTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : SightingTests(DatabaseProvider.SqlServer);
}
