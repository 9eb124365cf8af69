namespace PciBus.Management.Persistence;

/// <summary>Hears of messages that nobody has ever got.</summary>
internal interface IUndeliveredListener
{
    Task UndeliveredAsync(string destination, object message, CancellationToken cancellationToken);

    /// <summary>A row of the outbox cannot be read.</summary>
    Task UnreadableAsync(long rowId, string messageType, string destination, CancellationToken cancellationToken);
}
