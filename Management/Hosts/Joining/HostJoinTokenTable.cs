using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PciBus.Management.Persistence;

namespace PciBus.Management.Hosts.Joining;

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
        // Of two hosts that come with it at once, one has it.
        builder.Property(x => x.Used).IsConcurrencyToken();
    }

    /// <summary>Deletes tokens that have expired; one that was used expires too.</summary>
    public static Task<int> DeleteOldAsync(PciBusDbContext database, DateTimeOffset before, int most, CancellationToken token) =>
        database.Set<HostJoinToken>().Where(row => row.Expires < before).OrderBy(row => row.Id).Take(most).ExecuteDeleteAsync(token);
}
