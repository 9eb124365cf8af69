using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>A virtual machine that is Running, and whose domain does not run, is told of for as long as that is so.</summary>
public abstract class DomainStatusTests : IAsyncLifetime
{
    private readonly ManagementRig _rig;
    private readonly Operator _act;
    private Host _host = null!;
    private VirtualMachine _vm = null!;
    private long _sequence = 100;

    private protected DomainStatusTests(DatabaseProvider provider)
    {
        _rig = new ManagementRig(provider: provider);
        _act = new Operator(_rig);
    }

    public async ValueTask InitializeAsync()
    {
        _host = await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        _vm = await _act.RunAsync();
        await ReportAsync(DomainStatus.Running);
        Assert.Equal((null, 0), Shown());
    }

    [Theory]
    [InlineData(DomainStatus.Paused)]
    [InlineData(DomainStatus.Crashed)]
    [ShowsEndOf(AlertType.DomainNotRunning)]
    public async Task DomainThatDoesNotRun_IsShown_UntilItRuns(DomainStatus status)
    {
        await ReportAsync(status);
        Assert.Equal((status, 1), Shown());
        var alert = Standing().Single();
        Assert.Equal(($"vm ({_act.Look(_vm).InstanceName}) is {status} on kvm1", _vm.Id), (alert.Subject, alert.VmId));

        await ReportAsync(DomainStatus.Unknown);
        Assert.Equal((status, 1), Shown());
        await ReportAsync(DomainStatus.Running);
        Assert.Equal((null, 0), Shown());
        Assert.Equal(VirtualMachineState.Running, _act.Look(_vm).State);
    }

    [Fact]
    public async Task PauseThatTurnsIntoACrash_IsAnotherAlert()
    {
        await ReportAsync(DomainStatus.Paused);

        await ReportAsync(DomainStatus.Crashed);

        Assert.Equal((DomainStatus.Crashed, 1), Shown());
    }

    /// <summary>Agents of earlier versions do not say what a domain does.</summary>
    [Fact]
    public async Task HostThatDoesNotSay_ChangesNothing()
    {
        await ReportAsync(DomainStatus.Unknown);

        Assert.Equal((null, 0), Shown());
    }

    [Fact]
    public async Task StopThatFails_EndsNoPause_AndOneThatSucceedsDoes()
    {
        await ReportAsync(DomainStatus.Paused);

        await _act.StopAsync(_vm);
        await _act.AnswerAsync(_vm, Observation.Running, result: false);
        Assert.Equal(VirtualMachineState.Running, _act.Look(_vm).State);
        Assert.Equal((DomainStatus.Paused, 1), Shown());

        await _act.StopAsync(_vm, forced: true);
        await _act.AnswerAsync(_vm, Observation.Off);
        Assert.Equal((null, 0), Shown());
    }

    [Fact]
    public async Task PauseDuringAWorkflow_IsShownWhenThatHasEnded()
    {
        await _act.RebootAsync(_vm);
        await ReportAsync(DomainStatus.Paused);
        Assert.Equal((null, 0), Shown());

        await _act.AnswerAsync(_vm, Observation.Running, result: false);
        await ReportAsync(DomainStatus.Paused);
        Assert.Equal((DomainStatus.Paused, 1), Shown());
    }

    public ValueTask DisposeAsync()
    {
        _rig.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private Task ReportAsync(DomainStatus status) => _rig.Agents.PingAsync(
        Announcements.Ping(
            "kvm1",
            Announcements.Report("28:00.1|10GE") with { VirtualMachines = [Announcements.Domain(_vm.Uuid, "28:00.1") with { Status = status }] },
            _host.Session,
            ++_sequence),
        CancellationToken.None);

    private (DomainStatus? Status, int Alerts) Shown() => (_act.Look(_vm).DomainStatus, Standing().Count);

    private List<Alert> Standing() => _rig.Read(database =>
        database.Set<Alert>().Where(alert => alert.Type == AlertType.DomainNotRunning && alert.Resolved == null).ToList());

    public sealed class OnSqlite() : DomainStatusTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : DomainStatusTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : DomainStatusTests(DatabaseProvider.SqlServer);
}
