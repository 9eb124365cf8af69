using PciBus.Contracts.Startup;
using PciBus.Management;
using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Jobs;
using PciBus.Management.Persistence;
using PciBus.Management.Workflows;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>Agents that are asked to announce themselves again.</summary>
public abstract class ReconnectTests : IDisposable
{
    private static readonly TimeSpan Patience = new WorkflowOptions().CommandTimeout;
    private readonly HostLife _life;

    private protected ReconnectTests(DatabaseProvider provider) => _life = new HostLife(provider);

    [Fact]
    public async Task Agent_IsAskedInItsSession_AndTheJobEndsWithTheNextOne()
    {
        var host = await _life.Rig.ConnectAsync(Announcements.Host("kvm1"));
        var other = await _life.Rig.ConnectAsync(Announcements.Host("kvm2"));
        Assert.Null(await ReconnectAsync(other));
        Assert.Null(await ReconnectAsync(host));
        await _life.Rig.DeliverAsync();

        var asked = Assert.IsType<PingAnswer>(_life.Rig.Bus.Sent.Last(sent => sent.Destination == "agent.kvm1").Message);
        Assert.Equal((true, host.Session), (asked.SendStartup, asked.Session));
        Assert.Null(await _life.Rig.RunJobAsync<OrphansJob>());
        Assert.Equal(JobStatus.InProgress, JobOf(host).JobStatus);

        await _life.Rig.ConnectAsync(Announcements.Host("kvm1"));
        Assert.Equal((JobStatus.Succeeded, null), (JobOf(host).JobStatus, JobOf(host).Failure));
        Assert.Equal(JobStatus.InProgress, JobOf(other).JobStatus);
        Assert.Equal(
            [EventState.Started, EventState.Completed],
            _life.Rig.Read(database => database.Set<Event>().Where(row => row.Type == EventTypes.HostReconnect && row.ResourceId == host.Id)
                .OrderBy(row => row.Id).Select(row => row.State).ToList()));
    }

    [Fact]
    public async Task Job_Fails_WhenTheAgentDoesNotAnnounceItselfInTime()
    {
        var host = await _life.Rig.ConnectAsync(Announcements.Host("kvm1"));
        Assert.Null(await ReconnectAsync(host));

        _life.Rig.Time.Advance(Patience);
        await _life.Rig.RunJobAsync<OverdueReconnectsJob>();
        Assert.Equal(JobStatus.InProgress, JobOf(host).JobStatus);

        _life.Rig.Time.Advance(TimeSpan.FromSeconds(1));
        await _life.Rig.RunJobAsync<OverdueReconnectsJob>();
        var job = JobOf(host);
        Assert.Equal(
            (JobStatus.Failed, RefusalCause.OperationTimedOut, "kvm1 did not announce itself within 120 s"), (job.JobStatus, job.Failure, job.JobResult));
    }

    [Fact]
    public async Task HostWithoutAnAgent_IsInAlert_WhenItIsAsked()
    {
        var host = await _life.Rig.ConnectAsync(Announcements.Host("kvm1"));
        await _life.Rig.DeliverAsync();
        _life.Rig.Bus.Returns = message => message is PingAnswer ? Delivery.ReturnedAtOnce : null;

        Assert.Null(await ReconnectAsync(host));
        await _life.Rig.DeliverAsync();

        Assert.Equal(HostStatus.Alert, _life.Look(host).Status);
    }

    [Fact]
    public async Task HostThatLeft_OrIsDown_CannotBeReconnected()
    {
        var host = await _life.Rig.ConnectAsync(Announcements.Host("kvm1"));
        await _life.Rig.Agents.ShutdownAsync(new ShutdownCommand { HostGuid = host.Guid, Session = host.Session, Sequence = 2 }, CancellationToken.None);
        Assert.StartsWith("kvm1 is Disconnected; only a host that is Up or in Alert can be reconnected", (await ReconnectAsync(host))!.Text, StringComparison.Ordinal);

        Assert.Null(await _life.DeclareDownAsync(host));
        Assert.StartsWith("kvm1 is Down; ", (await ReconnectAsync(host))!.Text, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _life.Dispose();
        GC.SuppressFinalize(this);
    }

    private Task<Refusal?> ReconnectAsync(Host host) => _life.Rig.TryAsync(async (HostReconnectManager reconnects) =>
        (await reconnects.BeginAsync(
            host.Id, new JobRequest(HostReconnectManager.Command, Caller.Admin, EventTypes.HostReconnect, "test"), CancellationToken.None)).Refusal);

    private AsyncJob JobOf(Host host) => _life.Rig.Read(database => database.Set<AsyncJob>().Single(job => job.InstanceId == host.Id));

    public sealed class OnSqlite() : ReconnectTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : ReconnectTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : ReconnectTests(DatabaseProvider.SqlServer);
}
