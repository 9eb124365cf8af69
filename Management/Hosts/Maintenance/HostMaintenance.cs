using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Hosts.Maintenance;

/// <summary>A host that is being emptied: one row of <c>host_maintenance</c>, until it is empty, given up or cancelled.</summary>
internal sealed class HostMaintenance
{
    /// <summary>Name of the job that empties hosts; a move or stop that has ended on such a host wakes it.</summary>
    public const string Job = "host.maintenance";

    public long HostId { get; set; }
    public PciStrategy Strategy { get; set; }

    /// <summary>The job that ends when the host is empty.</summary>
    public long JobId { get; set; }
    public DateTimeOffset Created { get; set; }
    public long UpdateCount { get; set; }
}

internal sealed class HostMaintenanceTable : IEntityTypeConfiguration<HostMaintenance>
{
    public void Configure(EntityTypeBuilder<HostMaintenance> builder)
    {
        builder.ToTable("host_maintenance");
        builder.HasKey(x => x.HostId);
        builder.Property(x => x.HostId).ValueGeneratedNever();
        builder.Property(x => x.UpdateCount).IsConcurrencyToken();
    }
}

/// <summary>What happens to virtual machines that cannot be moved away from a host that is to be emptied.</summary>
internal enum PciStrategy
{
    /// <summary>Nothing is begun unless all can be moved.</summary>
    Refuse,

    /// <summary>They stay, and the host waits until there is room, or until they leave by themselves.</summary>
    Wait,

    /// <summary>They are stopped.</summary>
    Stop,
}
