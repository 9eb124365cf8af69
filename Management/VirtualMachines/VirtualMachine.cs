using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Management.VirtualMachines;

/// <summary>A virtual machine. Its row is never physically deleted.</summary>
internal sealed class VirtualMachine
{
    public long Id { get; set; }

    /// <summary>Also the uuid of its domain on a host.</summary>
    public Guid Uuid { get; set; }
    public required string Name { get; set; }
    public string? DisplayName { get; set; }

    /// <summary>
    /// <c>i-ACCOUNT-ID-VM</c>, with a number where a host runs an unknown domain of that name: the name of its domain on a host.
    /// </summary>
    public required string InstanceName { get; set; }
    public VirtualMachineState State { get; set; }

    /// <summary>Where it is, or where it is going; null when off.</summary>
    public long? HostId { get; set; }
    public long? LastHostId { get; set; }
    public long ServiceOfferingId { get; set; }
    public long VmTemplateId { get; set; }
    public long DataCenterId { get; set; }
    public long AccountId { get; set; }
    public long DomainId { get; set; }
    public long UserId { get; set; }

    /// <summary>The workflow that holds it, which is the lock: a virtual machine has one at most.</summary>
    public long? WorkflowId { get; set; }

    /// <summary>Number of the last command sent for it.</summary>
    public long CommandNumber { get; set; }

    /// <summary>The host of the last answer about it, with session and sequence: older reports of that host are old news.</summary>
    public long? AnswerHostId { get; set; }
    public long AnswerSession { get; set; }
    public long AnswerSequence { get; set; }

    /// <summary>
    /// A host that said Off when the virtual machine came to another host or stayed on it, with session and sequence. Older reports of that
    /// host are old news, whatever others have answered since.
    /// </summary>
    public long? OffHostId { get; set; }
    public long OffSession { get; set; }
    public long OffSequence { get; set; }

    /// <summary>Whether it was Running once; null when it was made before this was noted.</summary>
    public bool? HasRun { get; set; }

    /// <summary>It is known never to have been Running: its disk may not have been made yet.</summary>
    public bool NeverRan => !(HasRun ?? CommandNumber > 0);

    /// <summary>When the virtual machine is to be started again, as its host was declared down; null when it is not.</summary>
    public DateTimeOffset? RestartAt { get; set; }

    /// <summary>Since when it runs with fewer PCI devices than it should have, and which it lacks; null when it has all.</summary>
    public DateTimeOffset? DegradedSince { get; set; }
    public string? DegradedWhy { get; set; }

    /// <summary>When a device that it lacks is next looked for; null when it lacks no device that it is to be given.</summary>
    public DateTimeOffset? RepairAt { get; set; }

    /// <summary>How often the repair has failed in a row.</summary>
    public int RepairTries { get; set; }

    /// <summary>
    /// The PCI devices that it should have, as an offering lists them: its offering's, with what was attached and without what was
    /// detached by hand; null = its offering's. A start forgets it; migration, Degraded and repair go by it.
    /// </summary>
    public string? WantedPciDevices { get; set; }

    /// <summary>
    /// Paused or Crashed, when the virtual machine is Running and its host last reported that the domain does not run; null while the
    /// domain runs, and when nobody says.
    /// </summary>
    public DomainStatus? DomainStatus { get; set; }
    public long UpdateCount { get; set; }
    public DateTimeOffset UpdateTime { get; set; }
    public DateTimeOffset Created { get; set; }

    /// <summary>When it was expunged.</summary>
    public DateTimeOffset? Removed { get; set; }
}

internal sealed class VirtualMachineTable : IEntityTypeConfiguration<VirtualMachine>
{
    public void Configure(EntityTypeBuilder<VirtualMachine> builder)
    {
        builder.ToTable("vm_instance");
        builder.Ignore(x => x.NeverRan);
        builder.HasIndex(x => x.Uuid).IsUnique();
        builder.Property(x => x.UpdateCount).IsConcurrencyToken();
        builder.HasIndex(x => x.Name);
        builder.HasIndex(x => x.HostId);
        builder.HasIndex(x => x.State);
        builder.HasIndex(x => x.ServiceOfferingId);
        builder.HasIndex(x => x.AccountId);
        builder.HasIndex(x => x.RestartAt);
        builder.HasIndex(x => x.RepairAt);
        builder.HasIndex(x => x.DegradedSince).HasFilter("degraded_since IS NOT NULL");
        builder.HasIndex(x => x.WorkflowId).HasFilter("workflow_id IS NOT NULL");
    }
}
