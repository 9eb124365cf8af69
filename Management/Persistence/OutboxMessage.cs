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

    /// <summary>The process incarnation that sends it.</summary>
    public required string LeaseOwner { get; set; }

    /// <summary>After this anybody may take it over.</summary>
    public DateTimeOffset LeaseUntil { get; set; }
    public DateTimeOffset Created { get; set; }
}
