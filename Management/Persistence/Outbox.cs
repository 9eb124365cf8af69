using System.Text.Json;

namespace PciBus.Management.Persistence;

/// <summary>The messages that the current transaction decides to send: rows written with everything else, or not at all.</summary>
internal sealed class Outbox(PciBusDbContext database, ProcessIncarnation incarnation, TimeProvider time)
{
    private readonly List<OutboxMessage> _written = [];

    /// <summary>The messages of this transaction, in order.</summary>
    public IReadOnlyList<OutboxMessage> Written => _written;

    public void Add(string destination, object message)
    {
        var now = time.GetUtcNow();
        var row = new OutboxMessage
        {
            Destination = destination,
            MessageType = message.GetType().FullName!,
            Body = JsonSerializer.Serialize(message, message.GetType()),
            LeaseOwner = incarnation.Name,
            LeaseUntil = now + OutboxRelay.Lease,
            Created = now,
            Message = message,
        };
        database.Add(row);
        _written.Add(row);
    }
}
