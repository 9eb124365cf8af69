using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Bus;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>A report is known when it says what the last one said, which left nothing to do, and nothing has changed since.</summary>
public abstract class KnownReportTests : IDisposable
{
    private const string Device = "28:00.1|10GE";

    private readonly ManagementRig _rig;
    private readonly Operator _act;
    private Host? _host;
    private long _sequence = 1;

    private protected KnownReportTests(DatabaseProvider provider)
    {
        _rig = new ManagementRig(provider: provider);
        _act = new Operator(_rig);
    }

    [Fact]
    public async Task SameReport_IsKnown_InItsSession_WhileTheHostIsUp()
    {
        var ping = await ConnectAsync();

        Assert.True(await IsKnownAsync(ping));
        Assert.False(await IsKnownAsync(ping with { Report = ping.Report with { Session = 2 } }));
        Assert.False(await IsKnownAsync(ping with { Report = ping.Report with { Revision = 7 } }));
        Assert.False(await IsKnownAsync(ping with { SentAt = ping.SentAt - TimeSpan.FromMinutes(1) }));
        _rig.Execute("UPDATE host SET status = 'Alert'");
        Assert.False(await IsKnownAsync(ping));
    }

    [Fact]
    public async Task SkewedClock_IsNoReportToRemember()
    {
        var ping = await ConnectAsync();
        await _rig.Agents.PingAsync(ping with { SentAt = ping.SentAt + TimeSpan.FromMinutes(1) }, CancellationToken.None);

        Assert.False(await IsKnownAsync(ping));
        await PingAsync();
        Assert.NotNull(_rig.Read(database => database.Set<Alert>().Single(alert => alert.Type == AlertType.ClockSkew)).Resolved);
        Assert.True(await IsKnownAsync(ping));
    }

    [Fact]
    public async Task Claim_AndTheEndOfTheStart_HaveTheReportLookedAtAnew()
    {
        var ping = await ConnectAsync();
        var vm = await _rig.CreateVmAsync(_rig.Add(Rows.Offering("10GE")));
        Assert.True(await IsKnownAsync(ping));

        await _act.StartAsync(vm);
        Assert.False(await IsKnownAsync(ping));
        // Made before the domain was there, while the workflow has the virtual machine.
        Assert.True(await IsKnownAsync(await PingAsync()));

        await _act.AnswerAsync(vm, Observation.Running, sequence: 50);
        Assert.False(await IsKnownAsync(ping));
        // Made before the answer: what it says of the virtual machine is not known to be so.
        Assert.False(await IsKnownAsync(await PingAsync()));
        _sequence = 50;
        Assert.True(await IsKnownAsync(await PingAsync(vm)));
    }

    [Fact]
    public async Task EndOfAWorkflow_ThatChangedNothing_HasTheReportLookedAtAnew()
    {
        var vm = await RunAsync();
        var ping = await PingAsync(vm);

        await _act.RebootAsync(vm);
        Assert.True(await IsKnownAsync(ping));
        // It is gone, and the workflow is to find out.
        var gone = await PingAsync();
        Assert.True(await IsKnownAsync(gone));

        await _act.AnswerAsync(vm, Observation.Running, sequence: _sequence);
        Assert.False(await IsKnownAsync(gone));
        await PingAsync();
        Assert.NotNull(_act.Look(vm).WorkflowId);
    }

    [Fact]
    public async Task ParkedWorkflow_HearsOfTheNextReport_WhateverItSays()
    {
        var vm = await RunAsync();
        await _act.StopAsync(vm);
        await ParkAsync();

        var command = Workflow().AwaitingCommandId;
        await PingAsync(vm);
        Assert.NotNull(Workflow().Deadline);
        Assert.NotEqual(command, Workflow().AwaitingCommandId);
    }

    [Fact]
    public async Task ReportOfWhatRunsElsewhere_IsNeverKnown()
    {
        await ConnectAsync();
        var vm = await _rig.CreateVmAsync(_rig.Add(Rows.Offering()));

        Assert.False(await IsKnownAsync(await PingAsync(vm)));
        Assert.False(await IsKnownAsync(await PingAsync(vm)));
    }

    [Fact]
    public async Task KnownReport_WouldChangeNothing_TheLongWay()
    {
        var vm = await RunAsync();
        var ping = await PingAsync(vm);

        Assert.Equal("", await MissedAsync(ping));
        // Somebody who forgets to say so is found out.
        _rig.Execute("UPDATE vm_instance SET state = 'Stopped', host_id = NULL");
        Assert.Contains("\"Doubtful\":[", await MissedAsync(ping), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _rig.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task<PingRoutingCommand> ConnectAsync()
    {
        _host = await _rig.ConnectAsync(Announcements.Host("kvm1", Device));
        return Ping([]);
    }

    private async Task<VirtualMachine> RunAsync()
    {
        await ConnectAsync();
        var vm = await _act.RunAsync();
        _sequence = 100;
        return vm;
    }

    /// <summary>No answer comes, to the question after it neither.</summary>
    private async Task ParkAsync()
    {
        for (var round = 0; Workflow().Deadline is not null; round++)
        {
            Assert.True(round < 10, "it is never parked");
            _rig.Time.SetUtcNow(Workflow().Deadline!.Value);
            await _rig.RunJobAsync<OverdueWorkflowsJob>();
        }
    }

    private PingRoutingCommand Ping(VirtualMachine[] running)
    {
        var report = Announcements.Report(Device) with { VirtualMachines = [.. running.Select(vm => Announcements.Domain(vm.Uuid, "28:00.1"))] };
        return Announcements.Ping("kvm1", report, _host!.Session, ++_sequence) with { SentAt = _rig.Time.GetUtcNow() };
    }

    private async Task<PingRoutingCommand> PingAsync(params VirtualMachine[] running)
    {
        var ping = Ping(running);
        await _rig.Agents.PingAsync(ping, CancellationToken.None);
        return ping;
    }

    private async Task<bool> IsKnownAsync(PingRoutingCommand ping) =>
        await _rig.Get<HostReportQueries>().FindAgreeingAsync(ping, _rig.Time.GetUtcNow(), CancellationToken.None) == _host!.Id;

    private Task<string?> MissedAsync(PingRoutingCommand ping) => _rig.Get<DatabaseTransactions>().RunAsync(
        (LongWay way) => way.FindMissedAsync(ping), _ => UnitOutcome.RollBack, CancellationToken.None);

    private Workflow Workflow() => _rig.Read(database => database.Set<Workflow>().Single());

    public sealed class OnSqlite() : KnownReportTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : KnownReportTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : KnownReportTests(DatabaseProvider.SqlServer);
}
