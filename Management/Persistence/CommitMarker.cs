using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Persistence;

/// <summary>A transaction that wrote something, and what became of it.</summary>
internal sealed class CommitMarker
{
    public Guid Id { get; set; }
    public DateTimeOffset Created { get; set; }

    /// <summary>The transaction was not committed: the process that looked for its marker found none.</summary>
    public bool Lost { get; set; }
}

internal sealed class CommitMarkerTable : IEntityTypeConfiguration<CommitMarker>
{
    public void Configure(EntityTypeBuilder<CommitMarker> builder)
    {
        builder.ToTable("commit_marker");
        builder.Property(x => x.Id).ValueGeneratedNever();
        builder.HasIndex(x => x.Created);
    }
}
