using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.ServiceOfferings;

/// <summary>What a virtual machine gets: processors, RAM and PCI devices by name. It never changes.</summary>
internal sealed class ServiceOffering
{
    private const long MiB = 1024 * 1024;

    public long Id { get; set; }
    public Guid Uuid { get; set; }
    public required string Name { get; set; }
    public required string DisplayText { get; set; }
    public ServiceOfferingState State { get; set; }

    /// <summary>Virtual processors.</summary>
    public int Cpu { get; set; }

    /// <summary>Speed of one virtual processor in MHz.</summary>
    public int Speed { get; set; }

    /// <summary>RAM in MiB.</summary>
    public int RamSize { get; set; }

    /// <summary>Tags a host must have all of, in canonical form.</summary>
    public required string HostTags { get; set; }
    public bool HaEnabled { get; set; }

    /// <summary>Device names as the caller wrote them, comma-separated; a name may be repeated.</summary>
    public required string PciDevices { get; set; }

    /// <summary>What a live migration does about its devices.</summary>
    public PciMigration PciMigration { get; set; }

    /// <summary>Seconds that a guest may take to let go of its devices for a migration; null = as set for all.</summary>
    public int? DetachWait { get; set; }

    /// <summary>Seconds after which a live migration that has not ended is given up; null = as set for all.</summary>
    public int? MigrateWait { get; set; }

    /// <summary>The caller's <c>serviceofferingdetails</c> as a JSON object, given back as they came.</summary>
    public required string Details { get; set; }

    /// <summary>The domain that alone may use it; null = everybody.</summary>
    public long? DomainId { get; set; }
    public DateTimeOffset Created { get; set; }

    /// <summary>MHz that a virtual machine takes of its host.</summary>
    public long TotalMhz => (long)Cpu * Speed;

    /// <summary>Bytes of RAM that a virtual machine takes of its host.</summary>
    public long RamBytes => RamSize * MiB;
}

internal sealed class ServiceOfferingTable : IEntityTypeConfiguration<ServiceOffering>
{
    public void Configure(EntityTypeBuilder<ServiceOffering> builder)
    {
        builder.ToTable("service_offering");
        builder.HasIndex(x => x.Uuid).IsUnique();
        builder.HasIndex(x => x.Name);
    }
}

/// <summary>Whether new virtual machines may be made of an offering.</summary>
internal enum ServiceOfferingState
{
    Active,

    /// <summary>Deleted; virtual machines made of it go on.</summary>
    Inactive,
}

/// <summary>What happens to virtual machines with PCI devices that are to be migrated live.</summary>
internal enum PciMigration
{
    /// <summary>They are not migrated: an operator who accepts the interruption says so in the offering.</summary>
    Forbid,

    /// <summary>Their devices are detached before, and devices of the same names attached on the other host.</summary>
    DetachAttach,
}
