using PciBus.Management.Accounts;
using PciBus.Management.Persistence;

namespace PciBus.Management.Events;

/// <summary>Writes down what happens, in the transaction in which it happens.</summary>
internal sealed class EventManager(PciBusDbContext database, TimeProvider time)
{
    /// <param name="resourceType">The kind of thing that the event is about, e.g. <c>Host</c>.</param>
    /// <returns>Uuid of the event: later ones of the same operation name it as their parent.</returns>
    public Guid Record(
        string type,
        string description,
        Caller caller,
        string? resourceType,
        long? resourceId,
        EventLevel level = EventLevel.INFO,
        EventState state = EventState.Completed,
        Guid? parent = null)
    {
        var uuid = Guid.NewGuid();
        database.Add(new Event
        {
            Uuid = uuid,
            Type = type,
            Level = level,
            State = state,
            Description = description,
            UserId = caller.UserId,
            AccountId = caller.AccountId,
            DomainId = caller.DomainId,
            ResourceType = resourceType,
            ResourceId = resourceId,
            Parent = parent,
            Created = time.GetUtcNow(),
        });
        return uuid;
    }
}
