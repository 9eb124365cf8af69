using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PciBus.Management.Persistence;

namespace PciBus.Management.Events;

internal sealed class EventTable : IEntityTypeConfiguration<Event>
{
    public void Configure(EntityTypeBuilder<Event> builder)
    {
        builder.ToTable("event");
        builder.HasIndex(x => x.Uuid).IsUnique();
        builder.HasIndex(x => x.Created);
        builder.HasIndex(x => new { x.ResourceType, x.ResourceId });
        builder.HasIndex(x => x.Type);
    }

    /// <summary>Deletes the oldest events.</summary>
    public static Task<int> DeleteOldAsync(PciBusDbContext database, DateTimeOffset before, int most, CancellationToken token) =>
        database.Set<Event>().Where(row => row.Created < before).OrderBy(row => row.Created).Take(most).ExecuteDeleteAsync(token);
}
