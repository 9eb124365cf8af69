using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using PciBus.Management.Persistence;

namespace PciBus.Management.Reconciliation;

/// <summary>
/// Runs the jobs that commits of this process wake, each job in a line of its own. A job that is woken while it runs runs once more,
/// however often it was woken. It may run beside its turn on another server, which every job allows. The process ends only after a run that
/// has begun.
/// </summary>
internal sealed class ReconciliationActivator(ReconciliationRunner runner) : BackgroundService
{
    private readonly Dictionary<string, Channel<ReconciliationJob>> _woken = runner.Jobs.ToDictionary(
        job => job.Name,
        _ => Channel.CreateBounded<ReconciliationJob>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }));

    /// <summary>Makes an action that wakes a job; the action does not fail.</summary>
    /// <exception cref="InvalidOperationException">There is no such job.</exception>
    public Action WakerOf(string name)
    {
        var job = runner.Jobs.Single(one => one.Name == name);
        return () => _woken[name].Writer.TryWrite(job);
    }

    /// <summary>Takes the jobs that were woken since, for a caller that runs them itself.</summary>
    public IReadOnlyList<ReconciliationJob> Take() =>
        [.. _woken.Values.Select(line => line.Reader.TryRead(out var job) ? job : null).OfType<ReconciliationJob>()];

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(_woken.Values.Select(line => RunAsync(line.Reader, stoppingToken)));

    private async Task RunAsync(ChannelReader<ReconciliationJob> woken, CancellationToken stoppingToken)
    {
        await foreach (var job in woken.ReadAllAsync(stoppingToken)) await runner.RunAsync(job, byHand: false, CancellationToken.None);
    }
}

/// <summary>
/// Wakes a reconciliation job when the current transaction commits, so that it runs at once in this process. A process that dies after the
/// commit loses the wake: the job's next turn makes up for it.
/// </summary>
internal sealed class Activation(AfterCommit commit, ReconciliationActivator activator)
{
    /// <param name="job">Its name; a name that no job has is an error before the commit.</param>
    public void Wake(string job) => commit.Actions.Add(activator.WakerOf(job));
}
