using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

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
}
