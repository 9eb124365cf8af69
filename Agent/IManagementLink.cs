namespace PciBus.Agent;

/// <summary>The agent's way to management: reports and answers.</summary>
internal interface IManagementLink
{
    /// <summary>Sends one message of the contracts, by its runtime type; a failure is an exception.</summary>
    Task SendAsync(object message, CancellationToken cancellationToken);
}

/// <summary>The way to management of one agent: closed for ever when the agent has ended, as a dead process sends nothing.</summary>
internal sealed class ManagementLinkOfNode(IManagementLink link, CancellationToken life) : IManagementLink
{
    public Task SendAsync(object message, CancellationToken cancellationToken) =>
        life.IsCancellationRequested ? Task.FromCanceled(life) : link.SendAsync(message, cancellationToken);
}
