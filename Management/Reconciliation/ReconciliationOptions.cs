using PciBus.Management.Configuration;

namespace PciBus.Management.Reconciliation;

/// <summary>How often each reconciliation job runs, and how long rows are kept that are over; zero is for ever.</summary>
internal sealed record ReconciliationOptions
{
    /// <summary>By the job's name; a job without an entry runs as often as it does by default.</summary>
    public IReadOnlyDictionary<string, TimeSpan> Intervals { get; init; } = new Dictionary<string, TimeSpan>();

    [Setting("event.purge.delay", SettingCategory.Reconciliation, "how long events are kept", IsInDays = true)]
    public TimeSpan EventPurgeDelay { get; init; } = TimeSpan.FromDays(90);

    [Setting("alert.purge.delay", SettingCategory.Reconciliation, "how long alerts are kept after they were resolved", IsInDays = true)]
    public TimeSpan AlertPurgeDelay { get; init; } = TimeSpan.FromDays(90);

    [Setting("job.purge.delay", SettingCategory.Reconciliation, "how long jobs are kept after they ended", IsInDays = true)]
    public TimeSpan JobPurgeDelay { get; init; } = TimeSpan.FromDays(30);

    [Setting("pci.device.history.purge.delay", SettingCategory.Reconciliation, "how long the history of devices is kept", IsInDays = true)]
    public TimeSpan PciDeviceHistoryPurgeDelay { get; init; } = TimeSpan.FromDays(365);

    [Setting("host.join.token.purge.delay", SettingCategory.Reconciliation,
        "how long join tokens are kept after they expired", IsInDays = true)]
    public TimeSpan HostJoinTokenPurgeDelay { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How often a job runs.</summary>
    public TimeSpan IntervalOf<TJob>() where TJob : IReconciliationJob => Configured(TJob.About).Interval;

    /// <summary>A job with the interval that is configured.</summary>
    public ReconciliationJob Configured(ReconciliationJob job) =>
        job with { Interval = Intervals.GetValueOrDefault(job.Name, job.Interval) };
}
