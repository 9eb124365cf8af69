namespace PciBus.Management.Persistence;

/// <summary>Hears of messages that nobody has ever got.</summary>
internal interface IUndeliveredListener
{
    Task UndeliveredAsync(string destination, object message, CancellationToken cancellationToken);
}
