namespace PciBus.Agent;

/// <summary>The agent's way to management: reports and answers.</summary>
internal interface IManagementLink
{
    /// <summary>Sends one message of the contracts, by its runtime type; a failure is an exception.</summary>
    Task SendAsync(object message, CancellationToken cancellationToken);
}
