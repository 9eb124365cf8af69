using Microsoft.EntityFrameworkCore;
using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Persistence;
using PciBus.Management.Places;

namespace PciBus.Management.Hosts.Joining;

/// <summary>Makes the tokens with which hosts join, and takes them away.</summary>
internal sealed class HostJoinTokenManager(PciBusDbContext database, PlaceManager places, EventManager events, TimeProvider time)
{
    private const string Hypervisor = "KVM";

    /// <summary>Makes a token.</summary>
    public async Task<Refusal?> CreateTokenAsync(HostJoinTokenOrder order, Caller caller, CancellationToken cancellationToken)
    {
        var host = order.HostId is { } hostId ? await database.RowAsync<Host>(hostId, cancellationToken) : null;
        if (host?.Removed is not null) return host.Gone();
        if (host is not null && order.ClusterId is { } other && other != host.ClusterId)
        {
            return Refusal.InvalidParameter($"{host.Name} is in another cluster than the one that clusterid names");
        }

        var clusterId = host?.ClusterId ?? order.ClusterId
            ?? (await places.EnsureClusterAsync(new Place(order.Zone, order.Pod, order.Cluster), Hypervisor, cancellationToken)).Id;
        var now = time.GetUtcNow();
        database.Add(new HostJoinToken
        {
            Uuid = order.Uuid,
            TokenHash = HostPassword.HashOf(order.Token),
            ClusterId = clusterId,
            HostId = order.HostId,
            Created = now,
            Expires = now + order.Lifetime,
        });
        events.Record(
            EventTypes.HostJoinTokenCreate, $"a join token {order.Uuid} was made for {host?.Name ?? "a new host"}", caller,
            nameof(Cluster), clusterId);
        return null;
    }

    /// <summary>Makes a token good for nothing, unless a host has joined with it.</summary>
    public async Task<Refusal?> DeleteTokenAsync(long tokenId, Caller caller, CancellationToken cancellationToken)
    {
        var token = await database.RowAsync<HostJoinToken>(tokenId, cancellationToken);
        if (token.UsedBy is not null)
        {
            return Refusal.InvalidParameter($"{token.UsedBy} has joined with it; deleteHost takes a host out");
        }

        database.Remove(token);
        events.Record(
            EventTypes.HostJoinTokenDelete, $"the join token {token.Uuid} was deleted", caller, nameof(Cluster), token.ClusterId);
        return null;
    }

    /// <summary>Whether there is such a token, good or not.</summary>
    public Task<bool> IsKnownAsync(string token, CancellationToken cancellationToken)
    {
        var hash = HostPassword.HashOf(token);
        return database.Set<HostJoinToken>().AnyAsync(row => row.TokenHash == hash, cancellationToken);
    }
}
