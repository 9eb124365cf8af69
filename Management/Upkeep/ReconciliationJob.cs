namespace PciBus.Management.Upkeep;

/// <summary>A reconciliation job, as it is listed.</summary>
/// <param name="Name">By which it is run by hand; its interval is the setting <c>reconciliation.interval.NAME</c>.</param>
/// <param name="Description">A sentence for operators.</param>
/// <param name="Work">The <see cref="IReconciliationJob"/> that does it.</param>
internal sealed record ReconciliationJob(string Name, string Description, TimeSpan Interval, Type Work)
{
    /// <summary>Every server runs it for itself; else each run is one server's.</summary>
    public bool PerServer { get; init; }
}
