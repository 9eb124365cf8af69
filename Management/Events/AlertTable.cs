using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PciBus.Management.Persistence;

namespace PciBus.Management.Events;

internal sealed class AlertTable : IEntityTypeConfiguration<Alert>
{
    public void Configure(EntityTypeBuilder<Alert> builder)
    {
        builder.ToTable("alert");
        builder.HasIndex(x => x.Uuid).IsUnique();
        builder.HasIndex(x => x.HostId);
        builder.HasIndex(x => x.Created);
        builder.HasIndex(x => x.Resolved);
    }

    /// <summary>Deletes the alerts that were resolved first.</summary>
    public static Task<int> DeleteOldAsync(PciBusDbContext database, DateTimeOffset before, int most, CancellationToken token) =>
        database.Set<Alert>().Where(row => row.Resolved < before).OrderBy(row => row.Resolved).Take(most).ExecuteDeleteAsync(token);
}
