using System.Text.Json.Serialization;
using PciBus.Contracts.PciDevices;

namespace PciBus.Contracts.VirtualMachines;

/// <summary>One domain on a host, as the hypervisor shows it.</summary>
public sealed record DomainReport
{
    /// <summary>Uuid of the domain, which is the VM's.</summary>
    public Guid Uuid { get; init; }

    /// <summary>Name of the domain, which is the VM's instance name.</summary>
    public string Name { get; init; } = "";

    public PowerState State { get; init; }

    /// <summary>What the domain does, more exactly: an incoming domain is not a VM that runs here.</summary>
    public DomainStatus Status { get; init; }

    /// <summary>PCI devices of the host that the domain holds.</summary>
    public IReadOnlyList<PciAddress> PciDevices { get; init; } = [];
}

/// <summary>What an agent says of a domain in a report.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PowerState>))]
public enum PowerState
{
    PowerUnknown,
    PowerOn,
    PowerOff,
}
