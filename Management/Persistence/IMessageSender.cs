namespace PciBus.Management.Persistence;

/// <summary>Puts a message on the bus; the simulation has a bus of its own.</summary>
internal interface IMessageSender
{
    /// <summary>Returns when the broker has the message, or has given it back.</summary>
    /// <param name="destination">Name of the queue.</param>
    /// <exception cref="Exception">The bus could not take the message, or did not say whether it did; it will be sent again.</exception>
    Task<Delivery> SendAsync(string destination, object message, CancellationToken cancellationToken);
}
