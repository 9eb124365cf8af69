using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PciBus.Contracts.PciDevices;

namespace PciBus.Management.PciDevices;

/// <summary>
/// A PCI device of a host that may be handed out: one row of <c>op_host_pci_devices</c>. Each fact has its own column and its own writer:
/// the report writes what it saw, the operator what is wanted, the claim who owns the device.
/// </summary>
internal sealed class PciDevice
{
    public long Id { get; set; }
    public Guid Uuid { get; set; }
    public long HostId { get; set; }

    /// <summary>The name by which it is asked for: <see cref="NameOverride"/>, or else <see cref="ReportedName"/>.</summary>
    public required string Name { get; set; }

    /// <summary>The operator's name for it; null = as reported.</summary>
    public string? NameOverride { get; set; }

    /// <summary>The given name in the host's <c>agent.properties</c>.</summary>
    public required string ReportedName { get; set; }
    public long Domain { get; set; }
    public int Bus { get; set; }
    public int Slot { get; set; }
    public int Function { get; set; }

    /// <summary>The virtual machine that owns it; null = nobody.</summary>
    public long? InstanceId { get; set; }

    /// <summary>+1 at each change of owner: a number names one ownership for ever.</summary>
    public long Claim { get; set; }

    /// <summary>The name under which it was claimed.</summary>
    public string? ClaimedName { get; set; }

    /// <summary>The last good report had it in <c>pci.devices</c>, under the address that it has.</summary>
    public bool Configured { get; set; }

    /// <summary>
    /// The address under which <c>pci.devices</c> still names it, in full, when it is at another one since its host rebooted; null when it
    /// is not.
    /// </summary>
    public string? ConfiguredAddress { get; set; }

    /// <summary>The host saw a device there by the last good report.</summary>
    public bool Present { get; set; }

    /// <summary>Why its host says that it can be given to no virtual machine, by the last good report; null when it can.</summary>
    public string? Unusable { get; set; }
    public PciDeviceHealth Health { get; set; }

    /// <summary>Why it is quarantined; null when it is not.</summary>
    public string? HealthReason { get; set; }

    /// <summary>Whether the operator wants the device given out.</summary>
    public bool Enabled { get; set; }

    /// <summary>Uuid of the domain that held it by the last report.</summary>
    public Guid? SeenIn { get; set; }

    /// <summary>Session and sequence of the report or answer that last wrote <see cref="SeenIn"/>; older ones do not write it.</summary>
    public long SeenSession { get; set; }
    public long SeenSequence { get; set; }
    public string? VendorId { get; set; }
    public string? ProductId { get; set; }
    public string? Class { get; set; }
    public string? Serial { get; set; }
    public int? IommuGroup { get; set; }
    public int? NumaNode { get; set; }
    public string? Driver { get; set; }

    /// <summary>Address of the physical function of which this is a virtual function.</summary>
    public string? PhysicalFunction { get; set; }
    public DateTimeOffset Created { get; set; }

    public PciAddress Address => new((uint)Domain, (byte)Bus, (byte)Slot, (byte)Function);

    /// <summary>The address in full, e.g. <c>0000:28:00.1</c>: stored so that queries can search it and find siblings by it.</summary>
    public string AddressText
    {
        get => Address.ToString();
        private set => _ = value;
    }

    /// <summary>Takes what a report says of the device that is there.</summary>
    public void TakeFacts(PciDeviceTO seen)
    {
        (VendorId, ProductId, Class, Serial) = (seen.VendorId, seen.ProductId, seen.Class, seen.Serial);
        (IommuGroup, NumaNode, Driver) = (seen.IommuGroup, seen.NumaNode, seen.Driver);
        PhysicalFunction = seen.PhysicalFunction?.ToString();
    }

    /// <summary>A line of this device's history.</summary>
    public PciDeviceHistory HistoryOf(PciDeviceChange what, long? vmId, string why, long? jobId, DateTimeOffset now) => new()
    {
        DeviceId = Id,
        Address = AddressText,
        Name = Name,
        Claim = Claim,
        VmId = vmId,
        HostId = HostId,
        What = what,
        Why = why,
        JobId = jobId,
        Created = now,
    };
}

internal sealed class PciDeviceTable : IEntityTypeConfiguration<PciDevice>
{
    public void Configure(EntityTypeBuilder<PciDevice> builder)
    {
        builder.ToTable("op_host_pci_devices");
        builder.Ignore(x => x.Address);
        builder.Property(x => x.Claim).IsConcurrencyToken();
        builder.HasIndex(x => x.Uuid).IsUnique();
        builder.HasIndex(x => new { x.HostId, x.Domain, x.Bus, x.Slot, x.Function }).IsUnique();
        builder.HasIndex(x => x.InstanceId);
        builder.HasIndex(x => x.Name);
    }
}

/// <summary>Whether a device can be trusted with a virtual machine.</summary>
internal enum PciDeviceHealth
{
    Good,

    /// <summary>The device did not come clean, or is another device than before: an operator must look.</summary>
    Quarantined,
}
