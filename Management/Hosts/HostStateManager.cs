using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Hosts.Liveness;
using PciBus.Management.Reconciliation;

namespace PciBus.Management.Hosts;

/// <summary>Moves the two life cycles of a host. Each move is written to the host's capacity row as well, and locks it.</summary>
internal sealed class HostStateManager(
    HostCapacityManager capacity, HostAlertManager alerts, SilenceLimits limits, Activation activation, TimeProvider time)
{
    /// <summary>Name of the job that leaves hosts which are down; a host that goes Down wakes the job.</summary>
    public const string DownJob = "host.down";

    /// <summary>Moves a host's status by CloudStack's table; an event without a place in the table changes nothing.</summary>
    public async Task MoveAsync(Host host, HostEvent @event, CancellationToken cancellationToken)
    {
        if (!HostStateMachine.TryNext(host.Status, @event, out var next)) return;
        var now = time.GetUtcNow();
        if (next is HostStatus.Disconnected or HostStatus.Alert or HostStatus.Down) host.Disconnected ??= now;
        if (next == HostStatus.Down) host.DeclaredDown = now;
        if (next == HostStatus.Down) activation.Wake(DownJob);
        // The virtual machines of a host that left in good order, and has not come back, may still run: the host is not lost.
        if (next == HostStatus.Alert && host.Status != HostStatus.Alert)
        {
            host.FenceAt = @event == HostEvent.WaitedTooLong ? null : limits.FenceAt(host, now);
        }

        if (next == HostStatus.Up) (host.Disconnected, host.DeclaredDown) = (null, null);
        host.Status = next;
        await capacity.OfferAsync(host, cancellationToken);
        await alerts.FollowStatusAsync(host, cancellationToken);
    }

    /// <summary>Moves the state that the operator wants a host in.</summary>
    public async Task<Refusal?> MoveAsync(Host host, ResourceEvent @event, CancellationToken cancellationToken)
    {
        if (!ResourceStateMachine.TryNext(host.ResourceState, @event, out var next))
        {
            return Refusal.InvalidParameter($"{host.Name} is {host.ResourceState}: {@event} is not possible");
        }

        host.ResourceState = next;
        await capacity.OfferAsync(host, cancellationToken);
        await alerts.FollowResourceStateAsync(host, cancellationToken);
        return null;
    }

    /// <summary>Locks a host's capacity row before the host is written, and writes anew what the host has to give.</summary>
    public Task LockAsync(Host host, CancellationToken cancellationToken) => capacity.OfferAsync(host, cancellationToken);

    /// <summary>Takes a host out, with the alerts about it. Nothing is claimed there from now on.</summary>
    public async Task RemoveAsync(Host host, CancellationToken cancellationToken)
    {
        host.Removed = time.GetUtcNow();
        // The machine may become another host.
        host.Machine = null;
        await MoveAsync(host, ResourceEvent.DeleteHost, cancellationToken);
        await MoveAsync(host, HostEvent.Remove, cancellationToken);
        await alerts.EndAllAsync(host, cancellationToken);
    }
}
