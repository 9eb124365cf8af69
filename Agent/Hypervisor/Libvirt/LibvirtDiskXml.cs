using System.Xml.Linq;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>Writes a guest's disk as a domain has it.</summary>
internal static class LibvirtDiskXml
{
    /// <param name="disk">The disk.</param>
    /// <param name="boots">The guest's firmware boots from it.</param>
    /// <param name="place">Where the guest sees it, out of the ports for devices that are plugged in.</param>
    public static XElement Write(GuestDisk disk, bool boots, XElement place) => new(
        "disk",
        new XAttribute("type", "file"),
        new XAttribute("device", "disk"),
        new XElement(
            "driver",
            new XAttribute("name", "qemu"),
            new XAttribute("type", DiskImage.Qcow2),
            // What a guest has written is not in the memory of the host that it leaves, when its destination reads. io=native needs this.
            new XAttribute("cache", "none"),
            new XAttribute("io", "native"),
            new XAttribute("discard", "unmap")),
        Source(disk.Path),
        // Said here, no image's header is asked which other files belong to it.
        new XElement(
            "backingStore",
            new XAttribute("type", "file"),
            new XElement("format", new XAttribute("type", disk.Backing.Format)),
            Source(disk.Backing.Path),
            new XElement("backingStore")),
        new XElement("target", new XAttribute("dev", "vda"), new XAttribute("bus", "virtio")),
        boots ? new XElement("boot", new XAttribute("order", "1")) : null,
        place);

    private static XElement Source(string path) => new("source", new XAttribute("file", path));
}
