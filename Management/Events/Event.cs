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
