using PciBus.Management.Events;

namespace PciBus.Management.Hosts;

/// <summary>Begins and ends the alerts that follow from a host's two life cycles.</summary>
internal sealed class HostAlertManager(AlertManager alerts)
{
    /// <summary>Follows a change of a host's status, or an event that has confirmed the status.</summary>
    public async Task FollowStatusAsync(Host host, CancellationToken cancellationToken)
    {
        if (host.Status is not (HostStatus.Alert or HostStatus.Down or HostStatus.Up or HostStatus.Removed)) return;
        if (host.Status != HostStatus.Alert) await alerts.SyncAsync(AlertType.FencingFailed, host.Id, [], cancellationToken);
        // Every virtual machine that ran there is off.
        if (host.Status == HostStatus.Down) await alerts.SyncAsync(AlertType.VirtualMachineUnsettled, host.Id, [], cancellationToken);
        await alerts.SyncAsync(AlertType.HostAway, host.Id, Away(host), cancellationToken);
    }

    /// <summary>Follows a change of what an operator wants of a host.</summary>
    public async Task FollowResourceStateAsync(Host host, CancellationToken cancellationToken)
    {
        if (host.ResourceState == ResourceState.Enabled) await alerts.SyncAsync(AlertType.HostReturned, host.Id, [], cancellationToken);
        if (host.ResourceState is ResourceState.Enabled or ResourceState.Disabled or ResourceState.Maintenance)
        {
            await alerts.SyncAsync(AlertType.MaintenanceFailed, host.Id, [], cancellationToken);
        }
    }

    /// <summary>Ends all alerts of a host that was taken out.</summary>
    public Task EndAllAsync(Host host, CancellationToken cancellationToken) => alerts.EndAllAsync(host.Id, cancellationToken);

    private static (string Subject, string Body)[] Away(Host host) =>
        host.Status switch
        {
            HostStatus.Alert =>
                [($"{host.Name} is not heard", "Its virtual machines may run. If it is off for certain, declareHostDown says so.")],
            HostStatus.Down =>
                [($"{host.Name} was declared down", "What virtual machines have there is theirs until the host says that they are off.")],
            _ => [],
        };
}
