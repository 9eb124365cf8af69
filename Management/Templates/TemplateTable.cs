using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Templates;

internal sealed class TemplateTable : IEntityTypeConfiguration<Template>
{
    public void Configure(EntityTypeBuilder<Template> builder)
    {
        builder.ToTable("vm_template");
        builder.HasIndex(x => x.Uuid).IsUnique();
        builder.HasIndex(x => x.Name);
    }
}
