namespace PciBus.Agent;

/// <summary>The way to management of one node: closed for ever when the node has ended, as a dead process sends nothing.</summary>
internal sealed class ManagementLinkOfNode(IManagementLink link, CancellationToken life) : IManagementLink
{
    public Task SendAsync(object message, CancellationToken cancellationToken) =>
        life.IsCancellationRequested ? Task.FromCanceled(life) : link.SendAsync(message, cancellationToken);
}
