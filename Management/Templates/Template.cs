using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Templates;

/// <summary>What the root disk of a virtual machine is made of.</summary>
internal sealed class Template
{
    public long Id { get; set; }
    public Guid Uuid { get; set; }
    public required string Name { get; set; }
    public required string DisplayText { get; set; }
    public required string Url { get; set; }
    public required string Format { get; set; }
    public required string HypervisorType { get; set; }
    public long AccountId { get; set; }
    public long DomainId { get; set; }
    public DateTimeOffset Created { get; set; }
    public DateTimeOffset? Removed { get; set; }
}

internal sealed class TemplateTable : IEntityTypeConfiguration<Template>
{
    public void Configure(EntityTypeBuilder<Template> builder)
    {
        builder.ToTable("vm_template");
        builder.HasIndex(x => x.Uuid).IsUnique();
        builder.HasIndex(x => x.Name);
    }
}
