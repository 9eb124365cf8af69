using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

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

internal sealed class ReconciliationRunTable : IEntityTypeConfiguration<ReconciliationRun>
{
    public void Configure(EntityTypeBuilder<ReconciliationRun> builder)
    {
        builder.ToTable("reconciliation_job");
        builder.HasKey(x => x.Name);
    }
}

/// <summary>The outcome of those runs of a job in one process that are not recorded yet.</summary>
/// <param name="Result">Of the last run: what it did, or the error.</param>
/// <param name="Failing">Failures in a row up to the last run; 0 = it succeeded.</param>
/// <param name="Runs">How many there were.</param>
/// <param name="Failures">How many of them failed.</param>
internal sealed record ReconciliationOutcome(
    DateTimeOffset Start, DateTimeOffset End, string Result, int Failing, int Runs, int Failures)
{
    /// <summary>The last run succeeded, and a run before it had failed, or this process has recorded none yet.</summary>
    public bool Recovers { get; init; }
}
