using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Hosts.Capacity;

/// <summary>
/// What a host has to give. Every claim on a host first changes this row, which puts claims of one host in a line and lets
/// them see its state.
/// </summary>
internal sealed class HostCapacity
{
    /// <summary>
    /// The class of a host without tags and without allocatable devices, in which each host begins. The schema writes its row, which is
    /// never deleted.
    /// </summary>
    public const string EmptyClass = "01ba4719c80b6fe911b091a7c05124b6";

    public long HostId { get; set; }
    public long DataCenterId { get; set; }
    public long PodId { get; set; }
    public long ClusterId { get; set; }

    /// <summary>Written by every change of the host's status or resource state.</summary>
    public CapacityState CapacityState { get; set; }

    /// <summary>MHz that may be given away: processors x speed x <c>cpu.overprovisioning.factor</c>.</summary>
    public long CpuTotal { get; set; }
    public long CpuUsed { get; set; }
    public long CpuFree { get; set; }

    /// <summary>Bytes that may be given away: RAM less what the host keeps; never over-committed.</summary>
    public long RamTotal { get; set; }
    public long RamUsed { get; set; }
    public long RamFree { get; set; }

    /// <summary>Digest of the <c>op_placement_class</c> that describes the host's tags and allocatable devices now.</summary>
    public required string PlacementClass { get; set; }

    /// <summary>
    /// Fingerprint of the last report, when it left nothing to do and nothing that it was compared with has changed since; else null.
    /// <see cref="HostReportManager"/> lists what resets it.
    /// </summary>
    public string? ReportHash { get; set; }
    public long UpdateCount { get; set; }
}

internal sealed class HostCapacityTable : IEntityTypeConfiguration<HostCapacity>
{
    public void Configure(EntityTypeBuilder<HostCapacity> builder)
    {
        builder.ToTable("op_host_capacity");
        builder.HasKey(x => x.HostId);
        builder.Property(x => x.HostId).ValueGeneratedNever();
        builder.Property(x => x.CpuFree).HasComputedColumnSql("cpu_total - cpu_used", stored: true);
        builder.Property(x => x.RamFree).HasComputedColumnSql("ram_total - ram_used", stored: true);
        builder.HasIndex(x => x.PlacementClass);
        builder.HasIndex(x => new { x.ClusterId, x.CapacityState, x.PlacementClass, x.CpuFree, x.RamFree });
        builder.HasIndex(x => new { x.DataCenterId, x.CapacityState, x.PlacementClass, x.CpuFree, x.RamFree });
    }
}

/// <summary>
/// Whether a host takes virtual machines: Up, Enabled, with a stored report, and in a zone, pod and cluster that are Enabled.
/// </summary>
internal enum CapacityState
{
    Enabled,
    Disabled,
}
