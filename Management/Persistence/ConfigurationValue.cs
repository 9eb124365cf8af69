using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Persistence;

/// <summary>A value about the whole system.</summary>
internal sealed class ConfigurationValue
{
    public required string Name { get; init; }

    public required string Value { get; set; }
}

internal sealed class ConfigurationValueTable : IEntityTypeConfiguration<ConfigurationValue>
{
    public void Configure(EntityTypeBuilder<ConfigurationValue> builder)
    {
        builder.ToTable("configuration");
        builder.HasKey(x => x.Name);
        builder.Property(x => x.Value).IsConcurrencyToken();
    }
}
