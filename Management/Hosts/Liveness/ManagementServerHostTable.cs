using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Hosts.Liveness;

internal sealed class ManagementServerHostTable : IEntityTypeConfiguration<ManagementServerHost>
{
    public void Configure(EntityTypeBuilder<ManagementServerHost> builder)
    {
        builder.ToTable("mshost");
        builder.HasKey(x => x.RunId);
        builder.Property(x => x.RunId).HasMaxLength(32);
    }
}
