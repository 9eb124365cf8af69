namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>A disk image of the host.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Format">Its format, as QEMU and libvirt name it.</param>
internal sealed record DiskImage(string Path, string Format)
{
    public const string Qcow2 = "qcow2";
    public const string Raw = "raw";
}

/// <summary>The disk of a guest.</summary>
/// <param name="Path">Full path of an image of the format qcow2: what the guest has written.</param>
/// <param name="Backing">The disk of its template: all else.</param>
internal sealed record GuestDisk(string Path, DiskImage Backing);
