namespace PciBus.Management.Persistence;

/// <summary>Hears of messages that no agent has ever got.</summary>
internal interface IUndeliveredListener
{
    Task UndeliveredAsync(string destination, object message, CancellationToken cancellationToken);

    /// <summary>Hears that a row of the outbox cannot be read.</summary>
    Task UnreadableAsync(long rowId, string messageType, string destination, CancellationToken cancellationToken);
}
