namespace PciBus.Management.Bus;

/// <summary>Where a host's report and the records do not agree.</summary>
/// <param name="Strays">
/// Virtual machines that own devices there and that the records have elsewhere, or off; and, on a host that was declared down, those that
/// the records have Running there and that do not run there.
/// </param>
/// <param name="Doubtful">Virtual machines without a workflow that must be settled there.</param>
internal sealed record ReportFindings(long HostId, IReadOnlyList<long> Strays, IReadOnlyList<long> Doubtful)
{
    /// <summary>Workflows of virtual machines that run there and should not.</summary>
    public IReadOnlyList<long> Sighted { get; init; } = [];

    /// <summary>All of the report was compared, and nothing came of it: the same report again would change nothing.</summary>
    public bool IsSettled { get; init; }
}
