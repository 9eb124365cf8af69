using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PciBus.Management.Persistence;

namespace PciBus.Management.Events;

/// <summary>What happened, for the operator and the owner.</summary>
internal sealed class Event
{
    public long Id { get; set; }
    public Guid Uuid { get; set; }

    /// <summary>One of <see cref="EventTypes"/>.</summary>
    public required string Type { get; set; }
    public EventLevel Level { get; set; }
    public EventState State { get; set; }
    public required string Description { get; set; }
    public long UserId { get; set; }
    public long AccountId { get; set; }
    public long DomainId { get; set; }
    public string? ResourceType { get; set; }
    public long? ResourceId { get; set; }

    /// <summary>Uuid of the first event of the operation this one belongs to.</summary>
    public Guid? Parent { get; set; }
    public DateTimeOffset Created { get; set; }
}

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

/// <summary>CloudStack's event states: where in an operation the event stands.</summary>
internal enum EventState
{
    Created,
    Scheduled,
    Started,
    Completed,
}
