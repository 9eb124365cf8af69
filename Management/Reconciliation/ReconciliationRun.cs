namespace PciBus.Management.Reconciliation;

/// <summary>The last run of a reconciliation job that was written down, for all servers: one row of <c>reconciliation_job</c>.</summary>
internal sealed class ReconciliationRun
{
    /// <summary>The job's name.</summary>
    public required string Name { get; set; }

    /// <summary>The server that ran it.</summary>
    public required string Server { get; set; }
    public DateTimeOffset LastStart { get; set; }

    /// <summary>When it ended; before <see cref="LastStart"/>, or null, while it runs.</summary>
    public DateTimeOffset? LastEnd { get; set; }

    /// <summary>What it did, or the error; null before the first end.</summary>
    public string? LastResult { get; set; }

    /// <summary>Failures in a row up to the last end.</summary>
    public int Failing { get; set; }
    public long Runs { get; set; }
    public long Failures { get; set; }
}
