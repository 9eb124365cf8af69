namespace PciBus.Agent.Registration;

/// <summary>How a real host is reached, and what its domains are made of: the <c>libvirt.*</c> keys of agent.properties.</summary>
internal sealed record LibvirtProperties
{
    public const string NetworkKey = "libvirt.network";
    public const string DiskFolderKey = "libvirt.disk.folder";

    [AgentKey("libvirt.uri", "the hypervisor of a kvm host", Allowed = "an URI of libvirt")]
    public string Uri { get; init; } = "qemu:///system";

    /// <summary>Null = made of the host's address.</summary>
    [AgentKey("libvirt.migration.uri",
        "how the libvirtd of another host reaches this host's; without one, qemu+tls://ADDRESS/system, ADDRESS being "
        + "private.ip.address or else the host's name", Allowed = "an URI of libvirt, e.g. qemu+tls://kvm7/system")]
    public string? MigrationUri { get; init; }

    [AgentKey("libvirt.domain.type", "what runs the domains of a kvm host; qemu emulates the processor, and serves for trials",
        Values = ["kvm", "qemu"], Allowed = "kvm or qemu")]
    public string DomainType { get; init; } = "kvm";

    [AgentKey("libvirt.template.folder", "where a kvm host has the templates: a template's url is file:// and a path in this folder",
        Allowed = "a folder")]
    public string TemplateFolder { get; init; } = "/var/lib/pcibus/templates";

    /// <summary>Null = nothing is written; <c>virsh console</c> shows what is said from then on.</summary>
    [AgentKey("libvirt.console.folder", "where a kvm host writes what guests say on their serial consoles; without one, nowhere",
        Allowed = "a folder")]
    public string? ConsoleFolder { get; init; }

    /// <summary>Null = guests have no disks.</summary>
    [AgentKey(DiskFolderKey,
        "where a kvm host has the disks of its guests, a folder that all hosts of its cluster share; without one, guests have no disks",
        Allowed = "a folder")]
    public string? DiskFolder { get; init; }

    /// <summary>Null = guests have no network card.</summary>
    [AgentKey(NetworkKey,
        "what the network cards of a kvm host's guests are connected to; without one, they have none", Allowed = LibvirtNetwork.Form)]
    public LibvirtNetwork? Network { get; init; }
}
