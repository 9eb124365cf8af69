using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Persistence;

internal sealed class ConfigurationValueTable : IEntityTypeConfiguration<ConfigurationValue>
{
    public void Configure(EntityTypeBuilder<ConfigurationValue> builder)
    {
        builder.ToTable("configuration");
        builder.HasKey(x => x.Name);
        builder.Property(x => x.Value).IsConcurrencyToken();
    }
}
