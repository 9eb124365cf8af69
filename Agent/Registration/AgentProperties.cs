using PciBus.Agent.Broker;
using PciBus.Contracts.Connection;

namespace PciBus.Agent.Registration;

/// <summary>
/// The settings of one agent, from its agent.properties; each member names its key. Only <c>pci.devices</c> is followed while
/// the agent runs (<see cref="AgentPropertiesFile"/>), the others count at start.
/// </summary>
internal sealed record AgentProperties
{
    public const string HypervisorTypeKey = "hypervisor.type";
    public const string Simulated = "simulated";
    public const string AllowedHypervisors = $"{Simulated}; kvm is not supported in this version";
    public const string PciDevicesKey = "pci.devices";
    public const string DataFolderKey = "agent.data.folder";
    public const string BusAddressKey = "bus.address";
    public const string BusAuthoritiesKey = "bus.tls.ca";
    public const string BusCertificateKey = "bus.tls.certificate";
    public const string BusKeyKey = "bus.tls.key";

    /// <summary><c>guid</c>: the host's stable identity. Required.</summary>
    public required string Guid { get; init; }

    /// <summary><c>name</c>: the host's name; default: the guid.</summary>
    public required string Name { get; init; }

    /// <summary><c>machine.id</c>: identity of the machine, which outlives the host's installation; default: the machine's own.</summary>
    public string? MachineId { get; init; }

    /// <summary>
    /// <c>bus.address</c>: the broker, <c>amqp://user:password@host:port/vhost</c>, or <c>amqps</c>; when it is missing, what
    /// <c>Agent join</c> has written (<see cref="BusCredentials"/>). <c>bus.heartbeat</c>, default 10 s. <c>bus.tls.ca</c>,
    /// <c>bus.tls.certificate</c> and <c>bus.tls.key</c>: PEM files; default: the authorities of the machine, and none of its
    /// own. Null when the bus is in the agent's own process.
    /// </summary>
    public BrokerConnector? Connector { get; init; }

    /// <summary><c>zone</c>, by name; default <c>default</c>.</summary>
    public required string Zone { get; init; }

    /// <summary><c>pod</c>, by name; default <c>default</c>.</summary>
    public required string Pod { get; init; }

    /// <summary><c>cluster</c>, by name; default <c>default</c>.</summary>
    public required string Cluster { get; init; }

    /// <summary><c>private.ip.address</c>: the host's own address; default none.</summary>
    public string? PrivateIpAddress { get; init; }

    /// <summary><c>host.tags</c>, separated by commas; default none.</summary>
    public required IReadOnlyList<string> HostTags { get; init; }

    /// <summary><c>workers</c>: VM commands carried out at once, each for another VM; default 5.</summary>
    public required int Workers { get; init; }

    /// <summary><c>graceful.stops</c>: graceful shutdowns waited for at once, beside the workers; default 20.</summary>
    public required int GracefulStops { get; init; }

    /// <summary><c>migrations</c>: live migrations away from this host at once, beside the workers; default 2.</summary>
    public required int Migrations { get; init; }

    /// <summary>
    /// <c>detach.wait</c>: how long a guest may take to let go of its devices when the command does not say; default 30 s.
    /// </summary>
    public required TimeSpan DetachWait { get; init; }

    /// <summary><c>migration.wait</c>: after how long a live migration is aborted when the command does not say; default 60 min.</summary>
    public required TimeSpan MigrationWait { get; init; }

    /// <summary><c>stop.wait</c>: how long a guest may take to shut down when the command does not say; default 60 s.</summary>
    public required TimeSpan StopWait { get; init; }

    /// <summary>
    /// <c>settle.time</c>: how long the hypervisor must show nothing of a VM whose command a crash of the agent interrupted,
    /// before the agent says that it is off; default 10 s.
    /// </summary>
    public required TimeSpan SettleTime { get; init; }

    /// <summary><c>agent.data.folder</c>: journal, lock and simulated domains; default <c>/var/lib/pcibus/agent</c>.</summary>
    public required string DataFolder { get; init; }

    /// <summary>
    /// <c>agent.journal.sync</c>: whether the journal reaches the disk before the hypervisor is touched; default true, but
    /// false for a simulated host, whose domains do not reach it either.
    /// </summary>
    public required bool JournalSync { get; init; }

    /// <summary><c>agent.properties.poll</c>: how often the file is looked at; default 200 ms.</summary>
    public required TimeSpan PollInterval { get; init; }

    /// <summary><c>hypervisor.type</c>: <c>simulated</c>; <c>kvm</c> is not supported in this version. Required.</summary>
    public required string HypervisorType { get; init; }

    /// <summary>The <c>simulator.*</c> keys.</summary>
    public required SimulatorProperties Simulator { get; init; }

    /// <summary>Where a simulated host lies.</summary>
    public string SimulatorFolder => Path.Combine(DataFolder, "simulator");

    /// <summary>One sentence for each line of the file whose key there is not.</summary>
    public required IReadOnlyList<string> UnknownKeys { get; init; }

    /// <summary>Reads the settings out of the file.</summary>
    /// <param name="path">The file, for error messages; relative folders are meant from its folder.</param>
    /// <param name="file">What stands in it.</param>
    /// <param name="overrides">Keys whose values replace those of the file.</param>
    /// <param name="hypervisorType"><c>hypervisor.type</c> of a file that does not say; null: it must say.</param>
    /// <exception cref="AgentPropertiesException">A line cannot be read, or a value is missing or not allowed.</exception>
    public static AgentProperties Read(
        string path, PropertiesFile file, IReadOnlyDictionary<string, string>? overrides = null, string? hypervisorType = null)
    {
        var values = new Dictionary<string, string>(file.Values, StringComparer.Ordinal);
        foreach (var (key, value) in overrides ?? new Dictionary<string, string>()) values[key] = value;
        if (hypervisorType is not null && values.GetValueOrDefault(HypervisorTypeKey, "").Length == 0)
        {
            values[HypervisorTypeKey] = hypervisorType;
        }
        var reader = new PropertyReader(values);
        foreach (var (number, what) in file.Problems) reader.Wrong($"line {number} {what}", 0);
        var guid = reader.Required("guid");
        var dataFolder = Path.GetFullPath(reader.Text(DataFolderKey, "/var/lib/pcibus/agent"), FolderOf(path));
        if (reader.Optional(BusAddressKey) is null) BusCredentials.Read(dataFolder, values, reader);
        var properties = new AgentProperties
        {
            Guid = guid,
            Name = reader.Text("name", guid),
            MachineId = reader.Optional("machine.id"),
            Connector = ReadConnector(reader, guid, FolderOf(path)),
            Zone = reader.Text("zone", "default"),
            Pod = reader.Text("pod", "default"),
            Cluster = reader.Text("cluster", "default"),
            PrivateIpAddress = reader.Optional("private.ip.address"),
            HostTags = reader.List("host.tags"),
            Workers = reader.Number("workers", 5, 1, 1000),
            GracefulStops = reader.Number("graceful.stops", 20, 1, 10_000),
            Migrations = reader.Number("migrations", 2, 1, 1000),
            DetachWait = reader.Duration("detach.wait", TimeSpan.FromSeconds(30)),
            MigrationWait = reader.Duration("migration.wait", TimeSpan.FromMinutes(60)),
            StopWait = reader.Duration("stop.wait", TimeSpan.FromSeconds(60)),
            SettleTime = reader.Duration("settle.time", TimeSpan.FromSeconds(10)),
            DataFolder = dataFolder,
            JournalSync = reader.Flag("agent.journal.sync", reader.Text(HypervisorTypeKey, Simulated) != Simulated),
            PollInterval = reader.Duration("agent.properties.poll", TimeSpan.FromMilliseconds(200)),
            HypervisorType = ReadHypervisorType(reader),
            Simulator = SimulatorProperties.Read(reader),
            UnknownKeys = AgentKeys.Unknown(path, file),
        };
        return reader.Problems.Count == 0 ? properties : throw new AgentPropertiesException(path, reader.Problems);
    }

    /// <summary>Whether agent.properties itself names the broker.</summary>
    public static bool HasBus(string path) =>
        PropertiesFile.Read(File.ReadAllBytes(path)).Values.TryGetValue(BusAddressKey, out var bus) && bus.Length > 0;

    /// <summary>What to say when an agent of its own has no broker.</summary>
    public static string NoBus(string path) =>
        $"{path}: {BusAddressKey} is missing: this host has not joined (Agent join), and has no {BusAddress.Form} "
        + "here or in the environment's PCIBUS_BUS_ADDRESS";

    private static BrokerConnector? ReadConnector(PropertyReader reader, string guid, string folder)
    {
        var heartbeat = reader.Duration("bus.heartbeat", TimeSpan.FromSeconds(10));
        var tls = ReadTls(reader, folder);
        if (reader.Optional(BusAddressKey) is not { } text) return null;
        return BusAddress.TryParse(text, out var address)
            ? new BrokerConnector(address with { Tls = tls }, guid, heartbeat)
            : reader.BadSecret<BrokerConnector?>(BusAddressKey, BusAddress.Form, null);
    }

    private static TlsSettings ReadTls(PropertyReader reader, string folder)
    {
        var known = reader.Problems.Count;
        var (authorities, certificate, key) = (PemFile(BusAuthoritiesKey), PemFile(BusCertificateKey), PemFile(BusKeyKey));
        if (reader.Problems.Count > known) return TlsSettings.OfTheMachine;
        try
        {
            return TlsSettings.Read(authorities, certificate, key);
        }
        catch (IOException exception)
        {
            return reader.Wrong(exception.Message, TlsSettings.OfTheMachine);
        }

        string? PemFile(string name)
        {
            if (reader.Optional(name) is not { } given) return null;
            var path = Path.GetFullPath(given, folder);
            return File.Exists(path) ? path : reader.Bad<string?>(name, "a PEM file", null);
        }
    }

    /// <summary>It has no default: a host must never announce devices that are not there because a line is missing.</summary>
    private static string ReadHypervisorType(PropertyReader reader) => reader.Optional(HypervisorTypeKey) switch
    {
        Simulated => Simulated,
        null => reader.Wrong($"{HypervisorTypeKey} is missing; allowed is {AllowedHypervisors}", Simulated),
        _ => reader.Bad(HypervisorTypeKey, AllowedHypervisors, Simulated),
    };

    private static string FolderOf(string path) => Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
}
