namespace PciBus.Agent.Registration;

/// <summary>How the VMs of a KVM host are made: the <c>kvm.*</c> keys of agent.properties.</summary>
internal sealed record KvmProperties
{
    /// <summary><c>kvm.uri</c>: libvirt; default <c>qemu:///system</c>.</summary>
    public string Uri { get; init; } = "qemu:///system";

    /// <summary>
    /// <c>kvm.migration.uri</c>: libvirt as other hosts reach it; default <c>qemu+tls://ADDRESS/system</c> with
    /// <c>private.ip.address</c>. Empty when there is neither: no VM can migrate to this host.
    /// </summary>
    public string MigrationUri { get; init; } = "";

    /// <summary><c>kvm.domain.type</c>: <c>kvm</c> (default), or <c>qemu</c> for emulation.</summary>
    public string DomainType { get; init; } = "kvm";

    /// <summary><c>kvm.machine</c>; default <c>q35</c>.</summary>
    public string Machine { get; init; } = "q35";

    /// <summary><c>kvm.cpu</c>; default <c>host-model</c>, and <c>qemu64</c> for emulation.</summary>
    public string Cpu { get; init; } = "host-model";

    /// <summary><c>kvm.spare.ports</c>: free places for devices that a VM gets while it runs; default 4.</summary>
    public int SparePorts { get; init; } = 4;

    /// <summary><c>kvm.bridge</c>: bridge of the VMs' network interface; default none, and no interface.</summary>
    public string? Bridge { get; init; }

    /// <summary><c>kvm.templates</c>: folder of the templates; default none, and VMs without a disk.</summary>
    public string? Templates { get; init; }

    /// <summary><c>kvm.disks</c>: folder of the VMs' disks, shared by the cluster; required with <see cref="Templates"/>.</summary>
    public string? Disks { get; init; }

    /// <summary><c>kvm.kernel</c>: kernel to boot; default none, VMs boot from their disk.</summary>
    public string? Kernel { get; init; }

    /// <summary><c>kvm.initrd</c>: its initial file system; default none.</summary>
    public string? Initrd { get; init; }

    /// <summary><c>kvm.cmdline</c>: its command line; default none.</summary>
    public string? CommandLine { get; init; }

    /// <summary><c>kvm.consoles</c>: folder of what VMs write to their serial console; default none.</summary>
    public string? Consoles { get; init; }

    /// <param name="reader">The file's values.</param>
    /// <param name="folder">What relative paths are meant from.</param>
    public static KvmProperties Read(PropertyReader reader, string folder)
    {
        var absent = new KvmProperties();
        var domainType = reader.OneOf("kvm.domain.type", absent.DomainType, "kvm", "qemu");
        var own = reader.Optional("private.ip.address");
        var properties = new KvmProperties
        {
            Uri = reader.Text("kvm.uri", absent.Uri),
            MigrationUri = reader.Text("kvm.migration.uri", own is null ? "" : $"qemu+tls://{(own.Contains(':', StringComparison.Ordinal) ? $"[{own}]" : own)}/system"),
            DomainType = domainType,
            Machine = reader.Text("kvm.machine", absent.Machine),
            Cpu = reader.Text("kvm.cpu", domainType == "qemu" ? "qemu64" : absent.Cpu),
            SparePorts = reader.Number("kvm.spare.ports", absent.SparePorts, 1, 28),
            Bridge = reader.Optional("kvm.bridge"),
            Templates = PathOf("kvm.templates"),
            Disks = PathOf("kvm.disks"),
            Kernel = PathOf("kvm.kernel"),
            Initrd = PathOf("kvm.initrd"),
            CommandLine = reader.Optional("kvm.cmdline"),
            Consoles = PathOf("kvm.consoles"),
        };
        return properties is { Templates: not null, Disks: null }
            ? reader.Wrong("kvm.disks is missing; kvm.templates needs it", properties)
            : properties;

        string? PathOf(string key) => reader.Optional(key) is { } given ? Path.GetFullPath(given, folder) : null;
    }
}
