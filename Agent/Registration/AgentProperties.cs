using PciBus.Agent.Broker;
using PciBus.Contracts.Connection;

namespace PciBus.Agent.Registration;

/// <summary>
/// The settings of one agent, from its agent.properties. Only <c>pci.devices</c> is followed while the agent runs
/// (<see cref="AgentPropertiesFile"/>), the others count at start.
/// </summary>
internal sealed record AgentProperties
{
    public const string HypervisorTypeKey = "hypervisor.type";
    public const string Simulated = "simulated";
    public const string Kvm = "kvm";
    public const string PciDevicesKey = "pci.devices";
    public const string DataFolderKey = "agent.data.folder";
    public const string BusAddressKey = "bus.address";
    public const string BusAuthoritiesKey = "bus.tls.ca";
    public const string BusCertificateKey = "bus.tls.certificate";
    public const string BusKeyKey = "bus.tls.key";

    private const string AllowedHypervisors = $"{Kvm} or {Simulated}";
    private const string Default = "default";

    [AgentKey("guid", "the host's stable identity; required", Missing = "it needs a value")]
    public string Guid { get; init; } = "";

    [AgentKey("name", "the host's name; without one, the guid")]
    public string Name { get; init; } = "";

    /// <summary>Null = the machine's own.</summary>
    [AgentKey("machine.id",
        "identity of the machine, which outlives the host's installation; without one, the machine's own: "
        + "a simulated host keeps it in its data folder")]
    public string? MachineId { get; init; }

    [AgentKey("zone", "its zone, by name")]
    public string Zone { get; init; } = Default;

    [AgentKey("pod", "its pod, by name")]
    public string Pod { get; init; } = Default;

    [AgentKey("cluster", "its cluster, by name")]
    public string Cluster { get; init; } = Default;

    [AgentKey("private.ip.address", "the host's own address")]
    public string? PrivateIpAddress { get; init; }

    [AgentKey("host.tags", "its tags")]
    public IReadOnlyList<string> HostTags { get; init; } = [];

    /// <summary>As they were at the start; <see cref="AgentPropertiesFile"/> follows them.</summary>
    [AgentKey(PciDevicesKey, "the devices that may be handed out; required, and followed while the agent runs",
        Allowed = "[domain:]bus:slot.function|name, separated by commas; a * may stand for a part of the address, or vendor:product "
            + "for all of it")]
    public string? PciDevices { get; init; }

    [AgentKey(BusAddressKey,
        "the broker; without it, what Agent join has written into the data folder. An agent that is a process of its own needs one of them",
        IsSecret = true)]
    public BusAddress? Bus { get; init; }

    [AgentKey("bus.heartbeat", "how often the connection to the broker shows that it lives")]
    public TimeSpan BusHeartbeat { get; init; } = TimeSpan.FromSeconds(10);

    [AgentKey(BusAuthoritiesKey,
        "the authorities of the broker's certificate; without it, what Agent join has written, or those of the machine",
        Allowed = TlsSettings.FileForm)]
    public string? BusAuthorities { get; init; }

    [AgentKey(BusCertificateKey, "the host's own certificate, for a broker that asks for one", Allowed = TlsSettings.FileForm)]
    public string? BusCertificate { get; init; }

    [AgentKey(BusKeyKey, "its key; without it, it is in the certificate's file", Allowed = TlsSettings.FileForm)]
    public string? BusKey { get; init; }

    [AgentKey("workers", "VM commands carried out at once, each for another VM", Max = 1000)]
    public int Workers { get; init; } = 5;

    [AgentKey("graceful.stops", "graceful shutdowns waited for at once, beside the workers", Max = 10_000)]
    public int GracefulStops { get; init; } = 20;

    [AgentKey("migrations", "live migrations away from this host at once, beside the workers", Max = 1000)]
    public int Migrations { get; init; } = 2;

    [AgentKey("stop.wait", "how long a guest may take to shut down when the command does not say")]
    public TimeSpan StopWait { get; init; } = TimeSpan.FromSeconds(60);

    [AgentKey("detach.wait", "how long a guest may take to let go of its devices when the command does not say")]
    public TimeSpan DetachWait { get; init; } = TimeSpan.FromSeconds(30);

    [AgentKey("migration.wait", "after how long a live migration is aborted when the command does not say")]
    public TimeSpan MigrationWait { get; init; } = TimeSpan.FromMinutes(60);

    [AgentKey("settle.time",
        "how long the hypervisor must show nothing of a VM whose command a crash of the agent interrupted, "
        + "before the agent says that it is off")]
    public TimeSpan SettleTime { get; init; } = TimeSpan.FromSeconds(10);

    [AgentKey(DataFolderKey,
        "journal, lock and simulated domains; relative ones are meant from the folder of agent.properties", Allowed = "a folder")]
    public string DataFolder { get; init; } = "/var/lib/pcibus/agent";

    [AgentKey("agent.journal.sync",
        "whether the journal reaches the disk before the hypervisor is touched; without a value true, but false for a simulated host")]
    public bool? JournalSync { get; init; }

    [AgentKey("agent.properties.poll", "how often agent.properties is looked at")]
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>It has no default: a host must never announce devices that are not there because a line is missing.</summary>
    [AgentKey(HypervisorTypeKey, "what runs the VMs; required",
        Values = [Kvm, Simulated], Allowed = AllowedHypervisors, Missing = $"allowed is {AllowedHypervisors}")]
    public string HypervisorType { get; init; } = "";

    public SimulatorProperties Simulator { get; init; } = new();

    public LibvirtProperties Libvirt { get; init; } = new();

    /// <summary>The broker, and how it is reached; null when the bus is in the agent's own process.</summary>
    public BrokerConnector? Connector { get; init; }

    /// <summary>Whether the journal reaches the disk first. The domains of a simulated host do not reach it either.</summary>
    public bool SyncsJournal => JournalSync ?? HypervisorType != Simulated;

    /// <summary>Where a simulated host lies.</summary>
    public string SimulatorFolder => Path.Combine(DataFolder, "simulator");

    /// <summary>One sentence for each line of the file whose key there is not.</summary>
    public IReadOnlyList<string> UnknownKeys { get; init; } = [];

    /// <summary>Reads the settings out of the file.</summary>
    /// <param name="path">The file, for error messages; relative folders are meant from its folder.</param>
    /// <param name="file">What stands in it.</param>
    /// <param name="overrides">Keys whose values replace those of the file.</param>
    /// <param name="hypervisorType">
    /// <c>hypervisor.type</c> of a file that does not say, and the only one that is allowed; null: it must say.
    /// </param>
    /// <exception cref="AgentPropertiesException">A line cannot be read, or a value is missing or not allowed.</exception>
    public static AgentProperties Read(
        string path, PropertiesFile file, IReadOnlyDictionary<string, string>? overrides = null, string? hypervisorType = null) =>
        new AgentPropertiesReader(path, file, overrides, hypervisorType).Read();

    /// <summary>Whether agent.properties itself names the broker.</summary>
    public static bool HasBus(string path) =>
        PropertiesFile.Read(File.ReadAllBytes(path)).Values.TryGetValue(BusAddressKey, out var bus) && bus.Length > 0;

    /// <summary>What to say when an agent of its own has no broker.</summary>
    public static string NoBus(string path) =>
        $"{path}: {BusAddressKey} is missing: this host has not joined (Agent join), and has no {BusAddress.Form} "
        + "here or in the environment's PCIBUS_BUS_ADDRESS";
}
