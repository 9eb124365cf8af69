namespace PciBus.Management.Persistence;

/// <summary>Hears of messages that nobody has ever got, and never will: their outbox rows are gone.</summary>
internal interface IUndeliveredListener
{
    Task UndeliveredAsync(object message, CancellationToken cancellationToken);
}
