using Microsoft.EntityFrameworkCore;
using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Fencing;
using PciBus.Management.Hosts.Liveness;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>Hosts that are not heard, and the command that powers them off.</summary>
public abstract partial class FencingTests : IDisposable
{
    private static readonly TimeSpan Grace = HostLife.Options.PingInterval;
    private static readonly TimeSpan Lease = HostLife.Options.Fencing.Timeout + HostLife.Options.Fencing.RetryInterval;
    private readonly HostLife _life;

    /// <summary>Hosts that go on pinging.</summary>
    private readonly List<string> _heard = [];

    private protected FencingTests(DatabaseProvider provider) => _life = new HostLife(provider);

    private RecordingFencing Fencing => _life.Rig.Fencing;

    [Fact]
    public async Task SilentHost_IsFencedAfterAPingIntervalInAlert_AndDownWhenTheCommandSaysSo()
    {
        var host = await SilentAsync("kvm1", "kvm2");

        await FenceAfterAsync(Grace - TimeSpan.FromSeconds(1));
        Assert.Empty(Fencing.Attempts);

        await FenceAfterAsync(TimeSpan.FromSeconds(1));
        var attempt = Assert.Single(Fencing.Attempts);
        Assert.Equal((host.Id, host.Session, "fence", "kvm1"), (attempt.HostId, attempt.Session, attempt.Executable, Assert.Single(attempt.Arguments)));
        Assert.Equal((HostStatus.Down, host.Session + 1, 0), (_life.Look(host).Status, _life.Look(host).Session, _life.Look(host).ReportSequence));
        Assert.Equal("host kvm1 was fenced, and is down", _life.Rig.Read(database => database.Set<Event>().Single(row => row.Type == EventTypes.HostDown)).Description);

        await FenceAfterAsync(Lease);
        Assert.Single(Fencing.Attempts);
    }

    [Fact]
    public async Task VmOnAFencedHost_IsStartedElsewhere_AndKeepsItsDeviceThere()
    {
        var first = await _life.Rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        var offering = Rows.Offering("10GE");
        offering.HaEnabled = true;
        var vm = await _life.Rig.CreateVmAsync(_life.Rig.Add(offering));
        await _life.Act.StartAsync(vm);
        await _life.Act.AnswerAsync(vm, Observation.Running);
        await SilenceAsync("kvm2");

        await FenceAfterAsync(Grace);
        await _life.LeaveDownHostsAsync();

        Assert.Equal(vm.Id, _life.DeviceOf(first).InstanceId);
        Assert.NotEqual(first.Id, _life.Act.Look(vm).HostId);
        Assert.Equal(VirtualMachineState.Starting, _life.Act.Look(vm).State);
    }

    [Fact]
    [ShowsEndOf(AlertType.FencingFailed)]
    public async Task CommandThatFails_IsAnAlert_AndRunAgainLater_UntilTheHostIsBack()
    {
        var host = await SilentAsync("kvm1", "kvm2");
        Fencing.Answer = _ => Task.FromResult<FencingFailure?>(new FencingFailure("exit code 7", "no such chassis"));

        await FenceAfterAsync(Grace);
        Assert.Equal((HostStatus.Alert, host.Session), (_life.Look(host).Status, _life.Look(host).Session));
        var alert = _life.Standing(AlertType.FencingFailed);
        Assert.Equal("kvm1 could not be fenced: exit code 7", alert.Subject);
        Assert.StartsWith("It said: no such chassis. ", alert.Body, StringComparison.Ordinal);
        Assert.Contains(_life.Rig.Log.Lines, line => line.Text == "kvm1 could not be fenced: exit code 7. no such chassis");

        await FenceAfterAsync(HostLife.Options.Fencing.RetryInterval - TimeSpan.FromSeconds(1));
        Assert.Single(Fencing.Attempts);
        await FenceAfterAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(2, Fencing.Attempts.Count);
        Assert.Null(_life.Standing(AlertType.FencingFailed).Resolved);

        await _life.PingAsync(host, 2);
        Assert.Equal(HostStatus.Up, _life.Look(host).Status);
        Assert.NotNull(_life.Standing(AlertType.FencingFailed).Resolved);
        await FenceAfterAsync(Lease);
        Assert.Equal(2, Fencing.Attempts.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task HostThatSpeaksWhileItIsFenced_IsNotDown(bool announces)
    {
        var host = await SilentAsync("kvm1", "kvm2");
        Fencing.Answer = async _ =>
        {
            if (announces) await _life.Rig.ConnectAsync(Announcements.Host("kvm1"));
            else await _life.PingAsync(host, 2);
            return null;
        };

        await FenceAfterAsync(Grace);

        Assert.Equal((HostStatus.Up, announces ? host.Session + 1 : host.Session), (_life.Look(host).Status, _life.Look(host).Session));
        Assert.Contains(_life.Rig.Log.Lines, line => line.Text.StartsWith("kvm1 was fenced, and is not down: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task HostThatAnnouncedItselfAndFellSilentAgain_IsNotDown_ByAFenceOfItsLastSession()
    {
        var host = await SilentAsync("kvm1", "kvm2");
        Fencing.Answer = async _ =>
        {
            await _life.Rig.ConnectAsync(Announcements.Host("kvm1"));
            _life.Rig.Execute($"UPDATE host SET status = 'Alert' WHERE id = {host.Id}");
            return null;
        };

        await FenceAfterAsync(Grace);

        Assert.Equal((HostStatus.Alert, host.Session + 1), (_life.Look(host).Status, _life.Look(host).Session));
    }

    [Fact]
    public async Task HostIsFencedByOneServerAtATime()
    {
        await SilentAsync("kvm1", "kvm2");
        using var another = _life.Rig.AnotherServer();
        another.Pass(HostLife.Options.AgentReturnTime + TimeSpan.FromSeconds(1));
        Fencing.Answer = async _ =>
        {
            await another.RunJobAsync<FencingJob>();
            return null;
        };

        await FenceAfterAsync(Grace);

        Assert.Single(Fencing.Attempts);
    }

    [Fact]
    public async Task CommandThatNeverEnded_IsRunAgain_WhenItHasHadItsTime()
    {
        await SilentAsync("kvm1", "kvm2");
        Fencing.Answer = _ => throw new OperationCanceledException();
        await Assert.ThrowsAsync<OperationCanceledException>(() => FenceAfterAsync(Grace));
        Fencing.Answer = _ => Task.FromResult<FencingFailure?>(null);

        await FenceAfterAsync(Lease - TimeSpan.FromSeconds(1));
        Assert.Single(Fencing.Attempts);
        await FenceAfterAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(2, Fencing.Attempts.Count);
    }

    [Fact]
    public async Task HostWhoseQueueIsGone_HasTheTimeOfOneThatIsSilent()
    {
        _heard.Add("kvm2");
        await _life.Rig.ConnectAsync(Announcements.Host("kvm2"));
        var host = await _life.Rig.ConnectAsync(Announcements.Host("kvm1"));
        await _life.Rig.DeliverAsync();
        await _life.Rig.Agents.UndeliveredAsync("agent.kvm1", new CheckHealthCommand { Session = host.Session }, CancellationToken.None);
        Assert.Equal(HostStatus.Alert, _life.Look(host).Status);
        var silence = HostLivenessJob.About.Interval + (HostLife.Options.PingInterval * (double)(HostLife.Options.PingTimeout + 2));

        await FenceAfterAsync(silence - TimeSpan.FromSeconds(1));
        Assert.Empty(Fencing.Attempts);
        await FenceAfterAsync(TimeSpan.FromSeconds(1));
        Assert.Single(Fencing.Attempts);
    }

    [Fact]
    public async Task HostThatLeftInGoodOrder_IsNeverFenced()
    {
        await _life.Rig.ConnectAsync(Announcements.Host("kvm2"));
        var host = await _life.Rig.ConnectAsync(Announcements.Host("kvm1"));
        await _life.Rig.Agents.ShutdownAsync(new ShutdownCommand { HostGuid = host.Guid, Session = host.Session, Sequence = 2 }, CancellationToken.None);
        await _life.InvestigateAfterAsync(HostLife.Options.AlertWait + TimeSpan.FromSeconds(1));
        Assert.Equal(HostStatus.Alert, _life.Look(host).Status);

        await FenceAfterAsync(Grace + Lease);

        Assert.Empty(Fencing.Attempts);
    }

    [Fact]
    public async Task NobodyIsFenced_WhileAgentsAreOnTheirWayBack()
    {
        await SilentAsync("kvm1", "kvm2");
        await FenceAfterAsync(Grace, () => _life.Rig.Get<BrokerOutage>().NoteLoss());
        Assert.Empty(Fencing.Attempts);

        await FenceAfterAsync(TimeSpan.FromHours(1), () => _life.Rig.Get<BrokerOutage>().NoteReturn());
        Assert.Empty(Fencing.Attempts);

        await FenceAfterAsync(HostLife.Options.AgentReturnTime + TimeSpan.FromSeconds(1));
        Assert.Single(Fencing.Attempts);
    }

    [Theory]
    [InlineData(1, 1, true)]
    [InlineData(2, 1, false)]
    [InlineData(1, 0, false)]
    [InlineData(3, 2, false)]
    [InlineData(3, 3, true)]
    [InlineData(4, 8, false)]
    public async Task NobodyIsFenced_WhenTooManyOfTheClusterAreNotHeard(int silent, int heard, bool isFenced)
    {
        Host? host = null;
        for (var number = 0; number < silent; number++) host = await _life.Rig.ConnectAsync(Announcements.Host($"kvm{number}"));
        // Of another cluster: what is heard there says nothing about this one.
        await _life.Rig.ConnectAsync(Announcements.Host("other") with { Cluster = "other" });
        await SilenceAsync([.. Enumerable.Range(0, heard).Select(number => $"heard{number}")]);

        await FenceAfterAsync(Grace);

        Assert.Equal(isFenced ? silent : 0, Fencing.Attempts.Count(attempt => attempt.HostName.StartsWith("kvm", StringComparison.Ordinal)));
        if (isFenced) return;
        var alert = _life.Rig.Read(database => database.Set<Alert>().Single(row => row.Type == AlertType.FencingFailed && row.HostId == host!.Id));
        Assert.Equal($"{host!.Name} is not fenced: too many hosts of its cluster are not heard", alert.Subject);
        Assert.StartsWith($"{silent} of {silent + heard} are not heard", alert.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HostsThatAreBehind_AndThoseThatWereFenced_CountAsNotHeard()
    {
        var host = await _life.Rig.ConnectAsync(Announcements.Host("kvm1"));
        var down = await _life.Rig.ConnectAsync(Announcements.Host("kvm2"));
        await SilenceAsync("heard1", "heard2", "heard3", "heard4");
        _life.Rig.Execute($"UPDATE host SET status = 'Down', fence_at = NULL WHERE id = {down.Id}");
        _heard.Remove("heard1");
        _heard.Remove("heard2");
        _life.Rig.Pass(HostLife.Behind);

        await FenceAfterAsync(Grace);

        Assert.Empty(Fencing.Attempts);
        Assert.StartsWith("4 of 6 are not heard", _life.Rig.Read(database => database.Set<Alert>().Single(
            row => row.Type == AlertType.FencingFailed && row.HostId == host.Id)).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HostWhoseAgentSaidSomethingThatIsNoArgument_IsNotFenced()
    {
        await _life.Rig.ConnectAsync(Announcements.Host("--off") with { Name = "kvm1" });
        await SilenceAsync("kvm2");

        await FenceAfterAsync(Grace);

        Assert.Empty(Fencing.Attempts);
        Assert.Equal("kvm1 cannot be fenced: what its agent said of {guid} cannot stand in a command line", _life.Standing(AlertType.FencingFailed).Subject);
    }

    public void Dispose()
    {
        _life.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task<Host> SilentAsync(string guid, string heard, params string[] pciDevices)
    {
        var host = await _life.Rig.ConnectAsync(Announcements.Host(guid, pciDevices));
        await SilenceAsync(heard);
        Assert.Equal(HostStatus.Alert, _life.Look(host).Status);
        return host;
    }

    /// <summary>Everybody who is there falls silent, and some come into the same cluster and are heard.</summary>
    private async Task SilenceAsync(params string[] heard)
    {
        await _life.InvestigateAfterAsync(HostLife.Behind + HostLife.Options.PingInterval);
        _heard.AddRange(heard);
        foreach (var guid in heard) await _life.Rig.ConnectAsync(Announcements.Host(guid, "28:00.1|10GE"));
    }

    private async Task FenceAfterAsync(TimeSpan time, Action? before = null)
    {
        _life.Rig.Pass(time);
        using (var database = _life.Rig.Open())
        {
            var now = _life.Rig.Time.GetUtcNow();
            await database.Set<Host>().Where(host => _heard.Contains(host.Guid)).ExecuteUpdateAsync(set => set.SetProperty(host => host.LastPing, now));
        }

        before?.Invoke();
        await _life.Rig.RunJobAsync<FencingJob>();
        await _life.Rig.DeliverAsync();
    }

    public sealed class OnSqlite() : FencingTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : FencingTests(DatabaseProvider.PostgreSql);
}
