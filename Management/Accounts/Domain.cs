using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Accounts;

/// <summary>A domain of accounts, CloudStack's tree; this version has ROOT alone.</summary>
internal sealed class Domain
{
    public const long RootId = 1;

    public long Id { get; set; }
    public Guid Uuid { get; set; }
    public long? Parent { get; set; }
    public required string Name { get; set; }

    /// <summary><c>ROOT</c>, <c>ROOT/sales</c>, ...</summary>
    public required string Path { get; set; }
    public DateTimeOffset Created { get; set; }
}

internal sealed class DomainTable : IEntityTypeConfiguration<Domain>
{
    public void Configure(EntityTypeBuilder<Domain> builder)
    {
        builder.ToTable("domain");
        builder.HasIndex(x => x.Uuid).IsUnique();
        builder.HasIndex(x => x.Path).IsUnique();
    }
}
