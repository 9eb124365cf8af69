using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Hosts.Liveness;

/// <summary>A management server that runs, as the others see it.</summary>
internal sealed class ManagementServerHost
{
    /// <summary>Names this start of its process.</summary>
    public required string RunId { get; set; }

    /// <summary>The newest script of the schema that its program has; null when the program does not say.</summary>
    public string? SchemaScript { get; set; }

    /// <summary>How often it has written down which hosts it heard.</summary>
    public long Writings { get; set; }

    /// <summary>When it last did so, by its own clock.</summary>
    public DateTimeOffset LastUpdate { get; set; }
}

internal sealed class ManagementServerHostTable : IEntityTypeConfiguration<ManagementServerHost>
{
    public void Configure(EntityTypeBuilder<ManagementServerHost> builder)
    {
        builder.ToTable("mshost");
        builder.HasKey(x => x.RunId);
        builder.Property(x => x.RunId).HasMaxLength(32);
    }
}
