using Microsoft.EntityFrameworkCore;
using PciBus.Contracts.Joining;
using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Persistence;
using PciBus.Management.Places;

namespace PciBus.Management.Hosts.Joining;

/// <summary>Lets hosts in: an operator adds a host, or its agent shows a token and gets a password, once.</summary>
internal sealed class HostJoinManager(
    PciBusDbContext database,
    HostManager hosts,
    HostStateManager states,
    HostMachineManager machines,
    AlertManager alerts,
    EventManager events,
    TimeProvider time)
{
    public const string UnknownToken = "The token is not known";

    /// <summary>Makes a host that has not spoken yet; its agent joins with a token.</summary>
    public async Task<Refusal?> AddHostAsync(string guid, string name, long clusterId, bool enabled, CancellationToken cancellationToken)
    {
        if (!HostGuid.IsAllowed(guid)) return Refusal.InvalidParameter(HostGuid.Bad(guid));
        if (await hosts.FindAsync(guid, cancellationToken) is { } there)
        {
            return Refusal.InvalidParameter($"The guid {guid} is that of the host {there.Name}");
        }

        var host = await hosts.AddAsync(
            guid, name, await database.RowAsync<Cluster>(clusterId, cancellationToken), "was added", cancellationToken);
        return enabled ? null : await states.MoveAsync(host, ResourceEvent.Disable, cancellationToken);
    }

    /// <summary>Lets a host in, once for each token; a token that was misused is an alert.</summary>
    /// <param name="password">Of the host's user on the broker, from now on.</param>
    public async Task<HostJoinOutcome> JoinAsync(HostJoinRequest request, string password, CancellationToken cancellationToken)
    {
        var hash = HostPassword.HashOf(request.Token);
        var token = await database.Set<HostJoinToken>().SingleOrDefaultAsync(row => row.TokenHash == hash, cancellationToken);
        if (token is null) return new HostJoinOutcome(UnknownToken);
        var cluster = await database.RowAsync<Cluster>(token.ClusterId, cancellationToken);
        var host = await hosts.FindAsync(request.Guid, cancellationToken);
        if (await WhyNotAsync(token, cluster, host, request, cancellationToken) is { } why)
        {
            await alerts.RaiseBoundedAsync(
                AlertType.HostRefused, MayNotJoin(request.Name), $"Its guid is {request.Guid}; with the token {token.Uuid}: {why}.",
                cancellationToken);
            return new HostJoinOutcome(why);
        }

        token.Used = time.GetUtcNow();
        token.UsedBy = $"{request.Name} ({request.Guid})";
        if (host is null) host = await hosts.AddAsync(request.Guid, request.Name, cluster, "joined", cancellationToken);
        else
        {
            events.Record(EventTypes.HostAdd, $"host {host.Name} joined", Caller.Admin, nameof(Host), host.Id);
        }

        host.BusPasswordHash = HostPassword.ForBroker(password);
        host.UpdateCount++;
        await alerts.ResolveAsync(
            AlertType.HostRefused, [HostAnnouncementManager.HasNotJoined(request.Name), MayNotJoin(request.Name)], cancellationToken);
        return new HostJoinOutcome(null);
    }

    /// <summary>
    /// The hash of its password on the broker, for the host that has a guid now; null when there is no such host, or it has not joined.
    /// </summary>
    public Task<string?> PasswordHashAsync(string guid, CancellationToken cancellationToken) => database.Set<Host>()
        .Where(host => host.Guid == guid && host.Removed == null)
            .Select(host => host.BusPasswordHash).SingleOrDefaultAsync(cancellationToken);

    /// <summary>A page of the hosts that have a user on the broker, by id.</summary>
    public async Task<IReadOnlyList<HostUser>> UsersAsync(long afterHostId, int count, CancellationToken cancellationToken) =>
        await database.Set<Host>().AsNoTracking()
            .Where(host => host.Id > afterHostId && host.Removed == null && host.BusPasswordHash != null)
            .OrderBy(host => host.Id)
            .Take(count)
            .Select(host => new HostUser(host.Id, host.Guid, host.BusPasswordHash!))
            .ToListAsync(cancellationToken);

    /// <summary>Of some guids, those of hosts that had joined and were deleted, and that no host has now.</summary>
    public async Task<IReadOnlyList<string>> DeletedAsync(IReadOnlyCollection<string> guids, CancellationToken cancellationToken)
    {
        var hosts = database.Set<Host>().Where(host => guids.Contains(host.Guid));
        return await hosts.Where(host => host.Removed != null && host.BusPasswordHash != null && !hosts.Any(
            other => other.Guid == host.Guid && other.Removed == null))
            .Select(host => host.Guid).Distinct().ToListAsync(cancellationToken);
    }

    /// <summary>Of some guids, those that a host has now.</summary>
    public async Task<IReadOnlyList<string>> LivingAsync(IReadOnlyCollection<string> guids, CancellationToken cancellationToken) =>
        await database.Set<Host>().Where(host => guids.Contains(host.Guid) && host.Removed == null)
            .Select(host => host.Guid).ToListAsync(cancellationToken);

    private async Task<string?> WhyNotAsync(
        HostJoinToken token, Cluster cluster, Host? host, HostJoinRequest request, CancellationToken cancellationToken)
    {
        if (token.Used is not null) return $"the token was used by {token.UsedBy}";
        if (token.Expires <= time.GetUtcNow()) return $"the token expired at {token.Expires.UtcDateTime:u}";
        if (!HostGuid.IsAllowed(request.Guid)) return HostGuid.Bad(request.Guid);
        var pod = await database.RowAsync<Pod>(cluster.PodId, cancellationToken);
        var zone = await database.RowAsync<Zone>(cluster.DataCenterId, cancellationToken);
        if ((request.Zone, request.Pod, request.Cluster) != (zone.Name, pod.Name, cluster.Name))
        {
            return $"the token is for zone={zone.Name}, pod={pod.Name}, cluster={cluster.Name}, and agent.properties has "
                + $"zone={request.Zone}, pod={request.Pod}, cluster={request.Cluster}";
        }

        if (token.HostId is { } only && host?.Id != only)
        {
            var meant = await database.RowAsync<Host>(only, cancellationToken);
            return $"the token is for the host {meant.Name} ({meant.Guid}) alone";
        }

        if (request.Machine.Length > 0 && await machines.FindAsync(request.Machine, cancellationToken) is { } owner && owner.Id != host?.Id)
        {
            return $"its machine is that of the host {owner.Name} ({owner.Guid}); if it was installed anew, updateHost with "
                + $"guid={request.Guid} lets it join as that host, with a token for its hostid";
        }

        // The holder of a token for a cluster must not become a host that is there already.
        if (host is not null && token.HostId is null && (host.BusPasswordHash is not null || host.Status != HostStatus.Creating))
        {
            return $"the guid is that of the host {host.Name}, which is there already; createHostJoinToken with its hostid lets it join "
                + "again";
        }

        return host is not null && host.ClusterId != cluster.Id ? $"the host {host.Name} is in another cluster" : null;
    }

    private static string MayNotJoin(string name) => $"{name} may not join";
}

/// <summary>Whether a host has joined.</summary>
/// <param name="Refusal">Why it has not; null when it has.</param>
internal sealed record HostJoinOutcome(string? Refusal);

/// <summary>What a host that joins is told, beside its user and password.</summary>
/// <param name="BusAddressOf">Makes the broker's address for a host, from its user and password.</param>
/// <param name="BusAuthorities">PEM text of the authorities of the broker's certificate; null = those of the host.</param>
internal sealed record HostJoinOptions(Func<string, string, string> BusAddressOf, string? BusAuthorities);
