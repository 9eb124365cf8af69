using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Hosts.Maintenance;

/// <summary>
/// What becomes of a virtual machine on a host that is being emptied. Only a look at the virtual machine shows whether it has left, never
/// this row: nothing is lost when management dies between this row and the workflow.
/// </summary>
internal sealed class HostMaintenanceVm
{
    public long HostId { get; set; }
    public long VmId { get; set; }

    /// <summary>What the last plan said of the virtual machine.</summary>
    public MoveOutcome Outcome { get; set; }

    /// <summary>Where it goes; null while no plan has a place.</summary>
    public long? TargetHostId { get; set; }

    /// <summary>The virtual machine is stopped instead of moved.</summary>
    public bool Stops { get; set; }

    /// <summary>When its move or its stop was last begun; null while none is under way.</summary>
    public DateTimeOffset? Begun { get; set; }

    /// <summary>How often its move or its stop has failed, or is under way.</summary>
    public int Attempts { get; set; }

    /// <summary>After a failure: not to be tried again before this time.</summary>
    public DateTimeOffset? NotBefore { get; set; }

    /// <summary>Why it is still there; null when nothing is amiss.</summary>
    public string? Why { get; set; }

    /// <summary>How far the virtual machine is, in a word.</summary>
    public string Step => this switch
    {
        { Begun: not null, Stops: false } => "Migrating",
        { Begun: not null } => "Stopping",
        { NotBefore: not null } => "Failed",
        { Stops: true } => "ToBeStopped",
        { TargetHostId: null } => "Waiting",
        _ => "Planned",
    };

    /// <summary>Nothing more is done about it. With <see cref="PciStrategy.Wait"/> no virtual machine is given up.</summary>
    /// <param name="attempts">How many attempts there are.</param>
    public bool IsGivenUp(PciStrategy strategy, int attempts) => Begun is null && Attempts >= attempts && strategy switch
    {
        PciStrategy.Refuse => true,
        PciStrategy.Stop => Stops,
        PciStrategy.Wait => false,
    };
}

internal sealed class HostMaintenanceVmTable : IEntityTypeConfiguration<HostMaintenanceVm>
{
    public void Configure(EntityTypeBuilder<HostMaintenanceVm> builder)
    {
        builder.ToTable("host_maintenance_vm");
        builder.HasKey(x => new { x.HostId, x.VmId });
        builder.Ignore(x => x.Step);
        builder.HasIndex(x => x.VmId);
    }
}

/// <summary>What a plan says of a virtual machine on a host that is to be emptied.</summary>
internal enum MoveOutcome
{
    /// <summary>It moves while it runs, and notices nothing.</summary>
    Live,

    /// <summary>It moves while it runs, and is without its devices meanwhile.</summary>
    DetachAttach,

    /// <summary>It leaves by itself: it is stopping, or moving already.</summary>
    Leaves,

    /// <summary>It can move when another virtual machine has left.</summary>
    Waits,

    /// <summary>It cannot move.</summary>
    Cannot,
}
