using PciBus.Contracts.Connection;
using PciBus.Management.Configuration;

namespace PciBus.Management.Reconciliation;

/// <summary>A reconciliation job, as it is listed.</summary>
/// <param name="Work">
/// The <see cref="IReconciliationJob"/> that does it. Its class name stands in the scheduler's tables, which servers of other versions
/// read: it stays.
/// </param>
/// <param name="Name">By which it is run by hand; its interval is the setting <c>reconciliation.interval.NAME</c>.</param>
/// <param name="Description">A sentence for operators.</param>
/// <param name="Interval">How often it runs: the default, or what the setting says.</param>
/// <param name="HowOften">What the setting of its interval means, a phrase.</param>
internal sealed record ReconciliationJob(Type Work, string Name, string Description, TimeSpan Interval, string HowOften)
{
    /// <summary>Every server runs the job for itself; else each run is one server's.</summary>
    public bool PerServer { get; init; }

    /// <summary>The setting of its interval; the default is this interval.</summary>
    public SettingDefinition Setting => new(
        $"reconciliation.interval.{Name}",
        SettingKind.Seconds().Write(Interval),
        SettingCategory.Reconciliation,
        SettingKind.Seconds(),
        HowOften);
}

/// <summary>
/// Looks for work that must happen although no message came, and does it. Any server may run a job at any time, beside another: a job
/// changes rows only by compare-and-swap. A job is its file, beside its capability, and its line in the table of all jobs.
/// </summary>
internal interface IReconciliationJob
{
    /// <summary>What it is and how often it runs by default.</summary>
    static abstract ReconciliationJob About { get; }

    /// <returns>What was done, in a short sentence; null when there was nothing to do.</returns>
    Task<string?> RunAsync(CancellationToken cancellationToken);
}
