using Microsoft.EntityFrameworkCore;
using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Persistence;

namespace PciBus.Management.Hosts;

/// <summary>Takes care of hosts that were deleted and whose agents still run.</summary>
internal sealed class DeletedHostManager(PciBusDbContext database, HostStateManager states, AlertManager alerts)
{
    private static readonly CompiledQuery<string, Host?> LastDeleted = new((database, guid, _) =>
        database.Set<Host>().AsNoTracking()
            .Where(host => host.Guid == guid && host.Removed != null)
            .OrderByDescending(host => host.Session)
            .FirstOrDefault());

    /// <summary>What an operator who deletes a host should know about its agent; null when the agent is not heard.</summary>
    /// <param name="host">The host, before it is deleted.</param>
    public static string? StillHeard(Host host, HostOptions options, DateTimeOffset now)
    {
        if (host.Status is HostStatus.Disconnected or HostStatus.Down) return null;
        if (host.LastPing is not { } heard || now - heard > options.PingInterval * (double)options.PingTimeout) return null;
        var follows = options.Admission == HostAdmission.Open
            ? "unless its agent is stopped, it announces itself, and is a new host, Disabled"
            : "it is let in no more; stop its agent";
        return $"The agent of {host.Name} is still heard, last at {heard.UtcDateTime:u}: {follows}";
    }

    /// <summary>
    /// A new host is Disabled when a host with its guid was deleted: nobody has said that it may take virtual machines again.
    /// </summary>
    /// <param name="host">A host that has just announced itself for the first time.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task HoldBackAsync(Host host, CancellationToken cancellationToken)
    {
        if (await LastDeleted.ReadAsync(database, host.Guid, cancellationToken) is not { Removed: { } when } gone) return;
        await states.MoveAsync(host, ResourceEvent.Disable, cancellationToken);
        var who = await WhoDeletedAsync(gone.Id, cancellationToken);
        await alerts.SyncAsync(
            AlertType.HostReturned,
            host.Id,
            [($"{host.Name} was deleted, and its agent is heard again",
                $"{gone.Name} was deleted at {when.UtcDateTime:u}{(who is null ? "" : $" by {who}")}. What announces itself is a new host, "
                + "Disabled. If it is to take virtual machines, updateHost with allocationstate=Enable lets it; else stop its agent, and "
                + "then deleteHost takes it out.")],
            cancellationToken);
    }

    /// <summary>The user's name; null when the event was purged.</summary>
    private Task<string?> WhoDeletedAsync(long hostId, CancellationToken cancellationToken) => database.Set<Event>()
        .Where(one => one.ResourceType == nameof(Host) && one.ResourceId == hostId && one.Type == EventTypes.HostDelete)
        .Join(database.Set<User>(), one => one.UserId, user => user.Id, (_, user) => (string?)user.Username)
        .FirstOrDefaultAsync(cancellationToken);
}
