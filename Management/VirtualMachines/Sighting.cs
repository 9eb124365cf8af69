using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.VirtualMachines;

/// <summary>
/// A host has shown the domain of a virtual machine that the records do not have there. The sighting ends by that host's word that the
/// virtual machine is off, or with the host (declared down, deleted by force): never by silence.
/// </summary>
internal sealed class Sighting
{
    public long Id { get; set; }
    public long VmId { get; set; }
    public long HostId { get; set; }

    /// <summary>Session and sequence of the last report that showed the domain: an older word of the host ends nothing.</summary>
    public long Session { get; set; }
    public long Sequence { get; set; }
    public DateTimeOffset Created { get; set; }
}

internal sealed class SightingTable : IEntityTypeConfiguration<Sighting>
{
    public void Configure(EntityTypeBuilder<Sighting> builder)
    {
        builder.ToTable("vm_sighting");
        builder.HasIndex(x => new { x.VmId, x.HostId }).IsUnique();
        builder.HasIndex(x => x.HostId);
    }
}
