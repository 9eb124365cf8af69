using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Persistence;

/// <summary>A message that a transaction decided to send; sent after its commit, then deleted.</summary>
internal sealed class OutboxMessage
{
    public long Id { get; set; }

    /// <summary>Name of the queue.</summary>
    public required string Destination { get; set; }

    /// <summary>Full name of the contract.</summary>
    public required string MessageType { get; set; }
    public required string Body { get; set; }

    /// <summary>The message itself, in the process that wrote it; null when it was read.</summary>
    public object? Message { get; init; }

    /// <summary>The process incarnation that may send it.</summary>
    public required string LeaseOwner { get; set; }

    /// <summary>After this time any process may take the message over.</summary>
    public DateTimeOffset LeaseUntil { get; set; }
    public DateTimeOffset Created { get; set; }
}

internal sealed class OutboxMessageTable : IEntityTypeConfiguration<OutboxMessage>
{
    public void Configure(EntityTypeBuilder<OutboxMessage> builder)
    {
        builder.ToTable("outbox_message");
        builder.Ignore(x => x.Message);
        builder.HasIndex(x => x.LeaseUntil);
    }
}

/// <summary>Where a message ended that was put on the bus.</summary>
internal enum Delivery
{
    /// <summary>The message is in its queue.</summary>
    Taken,

    /// <summary>The queue is not there; an earlier attempt may have found it.</summary>
    Returned,

    /// <summary>The queue is not there, and the message was put on the bus only this once: nobody has it.</summary>
    ReturnedAtOnce,
}

/// <summary>
/// Written to the outbox for a destination to which nothing is sent any more. It is no message: the sender takes away what the broker keeps
/// for the destination, unless an agent still listens there.
/// </summary>
internal sealed record DestinationGone;
