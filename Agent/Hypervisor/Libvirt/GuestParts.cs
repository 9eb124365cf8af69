using PciBus.Agent.Registration;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>What a host gives to a guest beside processors, memory and PCI devices.</summary>
internal sealed record GuestParts
{
    /// <summary>What the guest boots from; null: its disk, or it stays in its firmware.</summary>
    public GuestKernel? Kernel { get; init; }

    public GuestDisk? Disk { get; init; }

    /// <summary>What its network card is connected to; null: it has none.</summary>
    public LibvirtNetwork? Network { get; init; }

    /// <summary>Where what it says on its serial console is written; null: nowhere.</summary>
    public string? ConsoleFolder { get; init; }
}
