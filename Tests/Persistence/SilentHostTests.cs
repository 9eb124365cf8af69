using PciBus.Contracts.Startup;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Hosts.Liveness;
using PciBus.Management.Persistence;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>Hosts that are not heard any more.</summary>
public abstract class SilentHostTests : IDisposable
{
    private readonly HostLife _life;

    private protected SilentHostTests(DatabaseProvider provider) => _life = new HostLife(provider);

    [Fact]
    [ShowsEndOf(AlertType.HostAway)]
    public async Task SilentHost_IsAskedFirst_AndInAlertWhenItDoesNotAnswer()
    {
        var host = await _life.Rig.ConnectAsync(Announcements.Host("kvm1"));

        await _life.InvestigateAfterAsync(HostLife.Behind);
        Assert.Equal((host.Session, HostStatus.Up), (_life.Rig.Bus.Last<CheckHealthCommand>().Session, _life.Look(host).Status));

        await _life.InvestigateAfterAsync(HostLife.Options.PingInterval);
        Assert.Equal((HostStatus.Alert, CapacityState.Disabled), (_life.Look(host).Status, _life.Capacity(host)));
        Assert.Null(_life.Standing(AlertType.HostAway).Resolved);

        await _life.PingAsync(host, 2);
        Assert.Equal((HostStatus.Up, CapacityState.Enabled), (_life.Look(host).Status, _life.Capacity(host)));
        Assert.NotNull(_life.Standing(AlertType.HostAway).Resolved);
    }

    [Fact]
    public async Task HostThatIsHeard_IsNotAsked()
    {
        var host = await _life.Rig.ConnectAsync(Announcements.Host("kvm1"));
        _life.Rig.Pass(HostLife.Behind);
        await _life.PingAsync(host, 2);
        await _life.Rig.Get<HeardHosts>().WriteAsync(CancellationToken.None);

        await _life.InvestigateAfterAsync(TimeSpan.Zero);

        Assert.DoesNotContain(_life.Rig.Bus.Sent, sent => sent.Message is CheckHealthCommand);
    }

    [Fact]
    public async Task NoHostIsJudged_WhileAgentsAreOnTheirWayBack()
    {
        var host = await _life.Rig.ConnectAsync(Announcements.Host("kvm1"));
        _life.Rig.Execute("UPDATE host SET last_ping = created");
        _life.Rig.Time.Advance(HostLife.Behind + HostLife.Options.PingInterval);
        using var another = _life.Rig.AnotherServer();

        await another.RunJobAsync<HostInvestigationJob>();

        Assert.Equal(HostStatus.Up, _life.Look(host).Status);
    }

    [Fact]
    public async Task NoHostIsJudged_ForTheTimeInWhichNothingCouldBeWritten()
    {
        var (heard, silent) = (await _life.Rig.ConnectAsync(Announcements.Host("kvm1")), await _life.Rig.ConnectAsync(Announcements.Host("kvm2")));
        _life.Rig.Pass(HostLife.Options.AgentReturnTime + TimeSpan.FromSeconds(1));
        _life.Rig.Time.Advance(HostLife.Behind + HostLife.Options.PingInterval);
        await _life.PingAsync(heard, 2);

        await _life.InvestigateAfterAsync(TimeSpan.Zero);
        await _life.Rig.Get<HeardHosts>().WriteAsync(CancellationToken.None);
        await _life.InvestigateAfterAsync(HostLife.Options.AgentReturnTime);
        Assert.Equal((HostStatus.Up, HostStatus.Up), (_life.Look(heard).Status, _life.Look(silent).Status));

        await _life.InvestigateAfterAsync(TimeSpan.FromSeconds(1));
        Assert.Equal((HostStatus.Up, HostStatus.Alert), (_life.Look(heard).Status, _life.Look(silent).Status));
    }

    [Fact]
    public async Task NoHostIsJudged_BecauseTheClockWasSet()
    {
        var host = await _life.Rig.ConnectAsync(Announcements.Host("kvm1"));
        _life.Rig.Pass(HostLife.Options.AgentReturnTime + TimeSpan.FromSeconds(1));
        SetClock(TimeSpan.FromHours(1));

        await _life.InvestigateAfterAsync(TimeSpan.Zero);
        Assert.Equal(HostStatus.Up, _life.Look(host).Status);

        await _life.PingAsync(host, 2);
        await _life.Rig.Get<HeardHosts>().WriteAsync(CancellationToken.None);
        await _life.InvestigateAfterAsync(HostLife.Options.AgentReturnTime + TimeSpan.FromSeconds(1));
        Assert.Equal(HostStatus.Up, _life.Look(host).Status);
    }

    [Fact]
    public async Task HostThatHasNotPingedSinceTheClockWasSetForward_IsNotJudgedYet()
    {
        var host = await _life.Rig.ConnectAsync(Announcements.Host("kvm1"));
        _life.Rig.Pass(HostLife.Options.AgentReturnTime + TimeSpan.FromSeconds(1));
        SetClock(TimeSpan.FromHours(1));

        await _life.InvestigateAfterAsync(HostLife.Options.PingInterval);
        Assert.Equal(HostStatus.Up, _life.Look(host).Status);

        await _life.InvestigateAfterAsync(HostLife.Behind + HostLife.Options.PingInterval);
        Assert.Equal(HostStatus.Alert, _life.Look(host).Status);
    }

    [Fact]
    public async Task SilenceCountsAgain_WhenTheClockWasSetBack_ThoughAServerDiedBefore()
    {
        var host = await _life.Rig.ConnectAsync(Announcements.Host("kvm1"));
        using (var another = _life.Rig.AnotherServer()) await another.Get<HeardHosts>().WriteAsync(CancellationToken.None);
        _life.Rig.Pass(HostLife.Options.AgentReturnTime + TimeSpan.FromSeconds(1));
        SetClock(TimeSpan.FromHours(-1));
        await _life.Rig.Get<HeardHosts>().WriteAsync(CancellationToken.None);

        await _life.InvestigateAfterAsync(HostLife.Behind);
        Assert.Equal((HostStatus.Up, _life.Rig.Time.GetUtcNow()), (_life.Look(host).Status, _life.Look(host).LastPing));

        await _life.InvestigateAfterAsync(HostLife.Behind + HostLife.Options.PingInterval);
        Assert.Equal(HostStatus.Alert, _life.Look(host).Status);
    }

    [Fact]
    public async Task LastPingsAreLeft_WhileAServerThatRunsIsAhead()
    {
        var host = await _life.Rig.ConnectAsync(Announcements.Host("kvm1"));
        SetClock(TimeSpan.FromHours(1));
        await _life.PingAsync(host, 2);
        await _life.Rig.Get<HeardHosts>().WriteAsync(CancellationToken.None);
        var heard = _life.Look(host).LastPing;
        SetClock(TimeSpan.FromHours(-1));

        await _life.InvestigateAfterAsync(HostLife.Behind);

        Assert.True(heard > _life.Rig.Time.GetUtcNow());
        Assert.Equal(heard, _life.Look(host).LastPing);
    }

    [Fact]
    public async Task HostThatCannotBeAsked_IsInAlertAtOnce()
    {
        var host = await _life.Rig.ConnectAsync(Announcements.Host("kvm1"));
        await _life.Rig.DeliverAsync();
        _life.Rig.Bus.Returns = message => message is CheckHealthCommand ? Delivery.ReturnedAtOnce : null;

        await _life.InvestigateAfterAsync(HostLife.Behind);

        Assert.Equal(HostStatus.Alert, _life.Look(host).Status);
    }

    [Fact]
    public async Task HostThatLeft_IsInAlert_WhenItStaysAway()
    {
        var host = await _life.Rig.ConnectAsync(Announcements.Host("kvm1"));
        await _life.Rig.Agents.ShutdownAsync(new ShutdownCommand { HostGuid = host.Guid, Session = host.Session, Sequence = 2 }, CancellationToken.None);

        await _life.InvestigateAfterAsync(HostLife.Options.AlertWait);
        Assert.Equal(HostStatus.Disconnected, _life.Look(host).Status);

        await _life.InvestigateAfterAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(HostStatus.Alert, _life.Look(host).Status);
    }

    private void SetClock(TimeSpan step) => _life.Rig.Time.Set(step);

    public void Dispose()
    {
        _life.Dispose();
        GC.SuppressFinalize(this);
    }

    public sealed class OnSqlite() : SilentHostTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : SilentHostTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : SilentHostTests(DatabaseProvider.SqlServer);
}
