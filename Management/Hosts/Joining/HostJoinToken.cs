using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PciBus.Management.Persistence;

namespace PciBus.Management.Hosts.Joining;

/// <summary>An operator's leave for one host to join a cluster. Of the token itself only a hash is kept.</summary>
internal sealed class HostJoinToken
{
    public long Id { get; set; }
    public Guid Uuid { get; set; }

    /// <summary>SHA-256 of the token, in hexadecimal: it is random, and as long as the hash.</summary>
    public required string TokenHash { get; set; }
    public long ClusterId { get; set; }

    /// <summary>The only host that may join with it; null = any new host.</summary>
    public long? HostId { get; set; }
    public DateTimeOffset Created { get; set; }
    public DateTimeOffset Expires { get; set; }

    /// <summary>When a host joined with the token, which is good once.</summary>
    public DateTimeOffset? Used { get; set; }

    /// <summary>Name and guid of that host.</summary>
    public string? UsedBy { get; set; }
}

internal sealed class HostJoinTokenTable : IEntityTypeConfiguration<HostJoinToken>
{
    public void Configure(EntityTypeBuilder<HostJoinToken> builder)
    {
        builder.ToTable("host_join_token");
        builder.HasIndex(x => x.Uuid).IsUnique();
        builder.HasIndex(x => x.TokenHash).IsUnique();
        builder.HasIndex(x => x.ClusterId);
        builder.HasIndex(x => x.HostId);
        builder.HasIndex(x => x.Expires);
        // Of two hosts that come with the token at once, only one gets in.
        builder.Property(x => x.Used).IsConcurrencyToken();
    }

    /// <summary>Deletes tokens that have expired, used tokens too.</summary>
    public static Task<int> DeleteOldAsync(PciBusDbContext database, DateTimeOffset before, int most, CancellationToken token) =>
        database.Set<HostJoinToken>().Where(row => row.Expires < before).OrderBy(row => row.Id).Take(most).ExecuteDeleteAsync(token);
}

/// <summary>What an operator wants of a token.</summary>
/// <param name="Uuid">Of the token.</param>
/// <param name="Token">The token itself.</param>
/// <param name="ClusterId">Where the host will be; null = the cluster of these names, which is made when it is not there.</param>
/// <param name="HostId">The only host that may join with it; null = any new host.</param>
/// <param name="Lifetime">How long it is good.</param>
internal sealed record HostJoinTokenOrder(
    Guid Uuid, string Token, long? ClusterId, string Zone, string Pod, string Cluster, long? HostId, TimeSpan Lifetime);
