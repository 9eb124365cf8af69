namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>virDomainMigrateFlags.</summary>
[Flags]
internal enum LibvirtMigrateFlags : uint
{
    None = 0,
    Live = 1 << 0,

    /// <summary>The source's libvirtd speaks to the destination's; this process watches.</summary>
    PeerToPeer = 1 << 1,

    /// <summary>Disks are copied, but for what the template holds already.</summary>
    CopyChangedBlocks = 1 << 7,

    /// <summary>An I/O error of the guest ends the migration.</summary>
    AbortOnError = 1 << 12,

    /// <summary>The guest is slowed down while it writes too fast.</summary>
    AutoConverge = 1 << 13,

    /// <summary>The memory is encrypted on its way, with the certificates that QEMU's settings name.</summary>
    Tls = 1 << 16,
}
