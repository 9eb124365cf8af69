using Microsoft.EntityFrameworkCore;
using PciBus.Contracts;
using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Hosts.Fencing;
using PciBus.Management.Persistence;

namespace PciBus.Management.Hosts;

/// <summary>What an operator may change of a host.</summary>
internal sealed class HostAdministrationManager(
    PciBusDbContext database,
    HostStateManager states,
    HostMachineManager machines,
    IHostRemoval removal,
    EventManager events,
    Outbox outbox)
{
    /// <summary>Changes of a host whatever is given, all of it or nothing.</summary>
    /// <param name="enabled">Whether it takes virtual machines.</param>
    /// <param name="guid">Its guid, now that it was installed anew.</param>
    /// <param name="machine">The machine that it is now.</param>
    public async Task<Refusal?> UpdateAsync(
        long hostId, bool? enabled, string? guid, string? machine, Caller caller, CancellationToken cancellationToken) =>
        (enabled is { } allocation ? await EnableAsync(hostId, allocation, caller, cancellationToken) : null)
            ?? (guid is not null ? await machines.SetGuidAsync(hostId, guid, caller, cancellationToken) : null)
            ?? (machine is not null ? await machines.SetMachineAsync(hostId, machine, caller, cancellationToken) : null);

    /// <summary>Lets a host take virtual machines, or not; the virtual machines that it has stay.</summary>
    public async Task<Refusal?> EnableAsync(long hostId, bool enabled, Caller caller, CancellationToken cancellationToken)
    {
        var host = await database.Set<Host>().SingleAsync(row => row.Id == hostId, cancellationToken);
        if (host.Removed is not null) return host.Gone();
        var before = host.ResourceState;
        var refusal = await states.MoveAsync(host, enabled ? ResourceEvent.Enable : ResourceEvent.Disable, cancellationToken);
        if (refusal is null && host.ResourceState != before)
        {
            Record(EventTypes.HostUpdate, host, $"host {host.Name}: {before} -> {host.ResourceState}", caller);
        }

        return refusal;
    }

    /// <summary>
    /// Takes the operator's word that a host is off, and ends its session. An agent that announces itself at this moment comes either
    /// before, and then the host is not declared down, or after, and then the host is back. What is claimed there stays claimed.
    /// </summary>
    /// <param name="forced">Also while another host of the same name or address is heard.</param>
    public Task<Refusal?> DeclareDownAsync(long hostId, bool forced, Caller caller, CancellationToken cancellationToken) =>
        DownAsync(hostId, null, forced, "was declared down", caller, cancellationToken);

    /// <summary>Takes a fencing command's word that a host is off, unless it has begun another session or was heard since.</summary>
    public Task<Refusal?> DeclareFencedAsync(FencingAttempt attempt, CancellationToken cancellationToken) =>
        DownAsync(attempt.HostId, attempt, forced: false, "was fenced, and is down", Caller.Admin, cancellationToken);

    /// <summary>
    /// Takes a host out that takes no virtual machines any more and has none. Its devices go with it. An agent that announces itself again
    /// makes a new host, which is Disabled.
    /// </summary>
    /// <param name="forced">
    /// Also a host that was declared down and on which virtual machines that left it have something: it will never say that they are off,
    /// and what they have there ends with the host.
    /// </param>
    public async Task<Refusal?> DeleteAsync(long hostId, bool forced, Caller caller, CancellationToken cancellationToken)
    {
        var host = await database.Set<Host>().SingleAsync(row => row.Id == hostId, cancellationToken);
        if (host.Removed is not null) return host.Gone();
        var isGivenUp = forced && host.Status == HostStatus.Down;
        if (!isGivenUp && host.Status != HostStatus.Creating
            && host.ResourceState is not (ResourceState.Disabled or ResourceState.Maintenance))
        {
            return Refusal.InvalidParameter($"{host.Name} is {host.ResourceState}; it must be Disabled or in Maintenance to be deleted");
        }

        // This write comes first: it stands in line with claims on the host, and no claim comes after it.
        await states.RemoveAsync(host, cancellationToken);
        if (await removal.UsersAsync(host.Id, isGivenUp, cancellationToken) is { Count: > 0 } users)
        {
            return new Refusal(RefusalCause.ResourceInUse, $"{host.Name} is used by {string.Join(", ", users)}");
        }

        await database.Set<HostCapacityOfVm>().Where(taken => taken.HostId == host.Id).ExecuteDeleteAsync(cancellationToken);
        await removal.RemovedAsync(host, cancellationToken);
        outbox.Add(EndpointNames.Agent(host.Guid), new DestinationGone());
        Record(EventTypes.HostDelete, host, $"host {host.Name} was deleted", caller);
        return null;
    }

    private async Task<Refusal?> DownAsync(
        long hostId, FencingAttempt? fenced, bool forced, string what, Caller caller, CancellationToken cancellationToken)
    {
        var seen = await database.Set<Host>().AsNoTracking().SingleAsync(row => row.Id == hostId, cancellationToken);
        if (seen.Removed is not null) return seen.Gone();
        var (session, lastPing) = fenced is null ? (seen.Session, seen.LastPing) : (fenced.Session, fenced.LastPing);
        // From here on the row is locked: a server that hears the host meanwhile comes before, or finds it down.
        var isSilent = await database.Set<Host>()
            .Where(row => row.Id == hostId && row.Session == session && row.LastPing == lastPing)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.UpdateCount, row => row.UpdateCount + 1), cancellationToken) > 0;
        if (!isSilent)
        {
            return new Refusal(
                RefusalCause.ConcurrentChange, $"{seen.Name} {(seen.Session == session ? "was heard" : "has announced itself")} since");
        }

        var host = await database.Set<Host>().SingleAsync(row => row.Id == hostId, cancellationToken);
        if (host.Status is not (HostStatus.Alert or HostStatus.Disconnected))
        {
            return Refusal.InvalidParameter($"{host.Name} is {host.Status}; only a host in Alert or Disconnected can be declared down");
        }

        if (await machines.WhyHeardAsync(host, forced, cancellationToken) is { } heard)
        {
            return Refusal.InvalidParameter($"{host.Name} is not down: {heard}");
        }

        host.Session++;
        host.ReportSequence = 0;
        await states.MoveAsync(host, HostEvent.HostDown, cancellationToken);
        await removal.DeclaredDownAsync(host, cancellationToken);
        Record(EventTypes.HostDown, host, $"host {host.Name} {what}", caller);
        return null;
    }

    private void Record(string type, Host host, string description, Caller caller) =>
        events.Record(type, description, caller, nameof(Host), host.Id);
}
