using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using PciBus.Management.Persistence;

namespace PciBus.Management.Reconciliation;

/// <summary>
/// Runs the jobs that commits of this process wake, each in a line of its own. A job that is woken while it runs runs once more, however
/// often it was woken; with its turn on another server it runs beside, which every job allows. A run that has begun is ended before the
/// process is.
/// </summary>
internal sealed class ReconciliationActivator(ReconciliationRunner runner) : BackgroundService
{
    private readonly Dictionary<string, Channel<ReconciliationJob>> _woken = runner.Jobs.ToDictionary(
        job => job.Name,
        _ => Channel.CreateBounded<ReconciliationJob>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }));

    /// <summary>Wakes a job when it is called; it does not fail.</summary>
    /// <exception cref="InvalidOperationException">There is no such job.</exception>
    public Action WakerOf(string name)
    {
        var job = runner.Jobs.Single(one => one.Name == name);
        return () => _woken[name].Writer.TryWrite(job);
    }

    /// <summary>The jobs that were woken since, for whoever runs them otherwise.</summary>
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
/// Wakes a reconciliation job with the commit of the current transaction: what must follow it follows at once, in this process. A wake is
/// lost with the process that dies after the commit: the job's next turn is the net.
/// </summary>
internal sealed class Activation(AfterCommit commit, ReconciliationActivator activator)
{
    /// <param name="job">Its name; of none that there is, it is an error before the commit.</param>
    public void Wake(string job) => commit.Actions.Add(activator.WakerOf(job));
}
