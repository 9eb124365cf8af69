using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.PciDevices;

/// <summary>
/// What an offering can be matched with: a host's tags and the devices allocatable on it, as canonical text. Hosts that
/// look alike share a class, so a fitting host is found by its class and never by visiting hosts. A row that no host uses any more is
/// deleted.
/// </summary>
internal sealed class PlacementClass
{
    public long Id { get; set; }

    /// <summary>Names the class by its content, so that every server gives it the same name.</summary>
    public required string Digest { get; set; }

    /// <summary>Canonical text of <see cref="Hosts.Host.HostTags"/>.</summary>
    public required string HostTags { get; set; }

    /// <summary>Canonical text of <see cref="PciDeviceNames"/>, e.g. <c>10GE=3,GPU-A=1</c>.</summary>
    public required string PciDevices { get; set; }
}

internal sealed class PlacementClassTable : IEntityTypeConfiguration<PlacementClass>
{
    public void Configure(EntityTypeBuilder<PlacementClass> builder)
    {
        builder.ToTable("op_placement_class");
        builder.HasIndex(x => x.Digest).IsUnique();
    }
}
