using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Persistence;

internal sealed class CommitMarkerTable : IEntityTypeConfiguration<CommitMarker>
{
    public void Configure(EntityTypeBuilder<CommitMarker> builder)
    {
        builder.ToTable("commit_marker");
        builder.Property(x => x.Id).ValueGeneratedNever();
        builder.HasIndex(x => x.Created);
    }
}
