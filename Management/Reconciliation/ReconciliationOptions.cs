namespace PciBus.Management.Reconciliation;

/// <summary>How often each reconciliation job runs, and how long rows are kept that are over.</summary>
internal sealed record ReconciliationOptions
{
    /// <summary>By the job's name; a job without an entry runs as often as it does by default.</summary>
    public IReadOnlyDictionary<string, TimeSpan> Intervals { get; init; } = new Dictionary<string, TimeSpan>();

    /// <summary>How long events are kept; zero is for ever. Default 90 days.</summary>
    public TimeSpan EventPurgeDelay { get; init; } = TimeSpan.FromDays(90);

    /// <summary>How long resolved alerts are kept; zero is for ever. Default 90 days.</summary>
    public TimeSpan AlertPurgeDelay { get; init; } = TimeSpan.FromDays(90);

    /// <summary>How long jobs are kept after their end; zero is for ever. Default 30 days.</summary>
    public TimeSpan JobPurgeDelay { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long the history of devices is kept; zero is for ever. Default 365 days.</summary>
    public TimeSpan PciDeviceHistoryPurgeDelay { get; init; } = TimeSpan.FromDays(365);

    /// <summary>How long join tokens are kept after they expired; zero is for ever. Default 30 days.</summary>
    public TimeSpan HostJoinTokenPurgeDelay { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How often a job runs.</summary>
    public TimeSpan IntervalOf<TJob>() where TJob : IReconciliationJob => Configured(TJob.About).Interval;

    /// <summary>A job with the interval that is configured.</summary>
    public ReconciliationJob Configured(ReconciliationJob job) =>
        job with { Interval = Intervals.GetValueOrDefault(job.Name, job.Interval) };
}
