using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Accounts;

internal sealed class DomainTable : IEntityTypeConfiguration<Domain>
{
    public void Configure(EntityTypeBuilder<Domain> builder)
    {
        builder.ToTable("domain");
        builder.HasIndex(x => x.Uuid).IsUnique();
        builder.HasIndex(x => x.Path).IsUnique();
    }
}
