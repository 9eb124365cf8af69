using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Hosts;

/// <summary>A KVM host, as its agent last announced it.</summary>
internal sealed class Host
{
    public long Id { get; set; }
    public Guid Uuid { get; set; }

    /// <summary>The stable identity from <c>agent.properties</c>.</summary>
    public required string Guid { get; set; }

    /// <summary>Identity of the machine, which outlives its guid; null when no agent has said it yet, or the host was deleted.</summary>
    public string? Machine { get; set; }

    /// <summary>When the machine was last refused at its announcement; null when it has begun a session since.</summary>
    public DateTimeOffset? MachineRefused { get; set; }
    public required string Name { get; set; }
    public long DataCenterId { get; set; }
    public long PodId { get; set; }
    public long ClusterId { get; set; }

    /// <summary>The cluster that its agent names, if another; the host is moved there when nothing is on it.</summary>
    public long? AnnouncedClusterId { get; set; }
    public HostStatus Status { get; set; }
    public ResourceState ResourceState { get; set; }
    public string? PrivateIpAddress { get; set; }
    public required string Version { get; set; }
    public required string HypervisorType { get; set; }
    public string? HypervisorVersion { get; set; }
    public required string CpuArch { get; set; }
    public int? CpuSockets { get; set; }

    /// <summary>Logical processors.</summary>
    public int Cpus { get; set; }

    /// <summary>Speed of one processor in MHz.</summary>
    public long Speed { get; set; }

    /// <summary>RAM in bytes.</summary>
    public long Ram { get; set; }

    /// <summary>RAM in bytes that the host keeps for itself.</summary>
    public long Dom0Memory { get; set; }
    public string? Capabilities { get; set; }

    /// <summary>Tags in canonical form: sorted, comma-separated, each once.</summary>
    public required string HostTags { get; set; }

    /// <summary>Number of the agent's session; +1 with each announcement and when the host is declared down.</summary>
    public long Session { get; set; }

    /// <summary>Sequence of the last report that was stored; 0 = none of this session yet.</summary>
    public long ReportSequence { get; set; }

    /// <summary>Sequence of the agent's farewell; null when the agent has said none in this session.</summary>
    public long? FarewellSequence { get; set; }

    /// <summary>The boot for which the devices' addresses hold.</summary>
    public required string BootId { get; set; }

    /// <summary>Hash of the password of its user on the broker, as the broker keeps it; null when it has not joined.</summary>
    public string? BusPasswordHash { get; set; }
    public DateTimeOffset? LastPing { get; set; }
    public DateTimeOffset? Disconnected { get; set; }

    /// <summary>When the host was declared down; null when it has been Up since.</summary>
    public DateTimeOffset? DeclaredDown { get; set; }

    /// <summary>When a host in Alert is fenced next; null when the host left in good order.</summary>
    public DateTimeOffset? FenceAt { get; set; }
    public DateTimeOffset Created { get; set; }
    public DateTimeOffset? Removed { get; set; }
    public long UpdateCount { get; set; }

    /// <summary>Virtual machines are leaving the host for its maintenance.</summary>
    public bool IsBeingEmptied => ResourceState is ResourceState.PrepareForMaintenance or ResourceState.ErrorInPrepareForMaintenance;

    /// <summary>Why nothing is done with a host that was deleted.</summary>
    public Refusal Gone() => Refusal.InvalidParameter($"The host {Name} was deleted");
}

internal sealed class HostTable : IEntityTypeConfiguration<Host>
{
    public void Configure(EntityTypeBuilder<Host> builder)
    {
        builder.ToTable("host");
        builder.HasIndex(x => x.Uuid).IsUnique();
        builder.HasIndex(x => x.Guid).IsUnique().HasFilter("removed IS NULL");
        builder.HasIndex(x => x.Machine).IsUnique().HasFilter("machine IS NOT NULL");
        builder.HasIndex(x => new { x.Guid, x.Session });
        builder.Property(x => x.UpdateCount).IsConcurrencyToken();
        builder.HasIndex(x => x.Name);
        builder.HasIndex(x => x.PrivateIpAddress);
        builder.HasIndex(x => new { x.ResourceState, x.Name });
        builder.HasIndex(x => x.ClusterId);
        builder.HasIndex(x => x.DataCenterId);
        builder.HasIndex(x => new { x.Status, x.LastPing });
        builder.HasIndex(x => new { x.Status, x.FenceAt });
    }
}
