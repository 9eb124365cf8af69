using PciBus.Management;
using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Jobs;
using PciBus.Management.Persistence;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

public abstract class JobTests : IDisposable
{
    private static readonly JobRequest Request = new("startVirtualMachine", Caller.Admin, EventTypes.VmStart, "starting VM web1");
    private readonly ManagementRig _rig;

    private protected JobTests(DatabaseProvider provider) => _rig = new ManagementRig(provider: provider);

    [Fact]
    public async Task Job_IsUnderWay_UntilItIsEnded_WithAChainOfEvents()
    {
        var jobId = await BeginAsync();
        Assert.Equal((JobStatus.InProgress, null), (TheJob().JobStatus, TheJob().Completed));

        await EndAsync(jobId, null);

        Assert.Equal((JobStatus.Succeeded, null, Announcements.Now), (TheJob().JobStatus, TheJob().Failure, TheJob().Completed));
        var events = _rig.Read(database => database.Set<Event>().OrderBy(one => one.Id).ToList());
        Assert.Equal([EventState.Started, EventState.Completed], events.Select(one => one.State));
        Assert.Equal(events[0].Uuid, events[1].Parent);
    }

    [Fact]
    public async Task Job_EndsOnce()
    {
        var jobId = await BeginAsync();
        await EndAsync(jobId, new Refusal(RefusalCause.OperationTimedOut, "kvm1 does not answer"));

        await EndAsync(jobId, null);

        Assert.Equal(
            (JobStatus.Failed, RefusalCause.OperationTimedOut, "kvm1 does not answer"),
            (TheJob().JobStatus, TheJob().Failure, TheJob().JobResult));
        Assert.Equal(2, _rig.Read(database => database.Set<Event>().Count()));
    }

    [Fact]
    public async Task NothingOfAJobIsKept_WhenItsTransactionIsRolledBack()
    {
        await _rig.TryAsync((AsyncJobManager jobs) =>
        {
            jobs.Begin(Request, JobInstanceType.VirtualMachine, 4);
            return Task.FromResult<Refusal?>(Refusal.Race("taken"));
        });

        Assert.Equal(0, _rig.Read(database => database.Set<AsyncJob>().Count()));
        Assert.Equal(0, _rig.Read(database => database.Set<Event>().Count()));
    }

    public void Dispose()
    {
        _rig.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task<long> BeginAsync()
    {
        var job = await _rig.RunAsync((AsyncJobManager jobs) => Task.FromResult(jobs.Begin(Request, JobInstanceType.VirtualMachine, 4)));
        return job.Id;
    }

    private Task EndAsync(long jobId, Refusal? failure) =>
        _rig.RunAsync((AsyncJobManager jobs) => jobs.EndAsync(jobId, failure, CancellationToken.None));

    private AsyncJob TheJob() => _rig.Read(database => database.Set<AsyncJob>().Single());

    public sealed class OnSqlite() : JobTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : JobTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : JobTests(DatabaseProvider.SqlServer);
}
