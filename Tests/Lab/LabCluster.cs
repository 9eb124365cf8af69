using System.Security.Cryptography;
using Newtonsoft.Json.Linq;
using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;

namespace PciBus.Tests.Lab;

/// <summary>Management on this machine, and an agent in each host of the lab.</summary>
internal sealed class LabCluster : IAsyncDisposable
{
    private const string Agent = "/opt/pcibus/Agent";
    private const string Properties = "/etc/agent.properties";
    private const string AgentLog = "/var/log/agent.log";

    private static readonly string SecretKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private static readonly TimeSpan Reported = TimeSpan.FromSeconds(30);

    private readonly LabFixture _lab;
    private readonly TestDatabase? _database;

    private LabCluster(LabFixture lab, string bus, TestDatabase? database, string[] settings)
    {
        (_lab, _database) = (lab, database);
        Servers = [.. Enumerable.Range(1, database is null ? 1 : 2).Select(_ =>
        {
            var server = new ManagementProcess(Directory.CreateTempSubdirectory("pcibus-lab-").FullName, bus: bus, pingInterval: 5);
            foreach (var setting in settings) server.Arguments.AddRange(["--setting", setting]);
            if (database is null) return server;
            server.Environment.Add(("PCIBUS_SECRET_KEY", SecretKey));
            server.Arguments.AddRange(["--setting", $"database.provider={database.Options.Provider.ToString().ToLowerInvariant()}"]);
            server.Arguments.AddRange(["--setting", $"database.connection={database.Options.ConnectionString}"]);
            return server;
        })];
    }

    /// <summary>One, or two on a database of their own.</summary>
    public IReadOnlyList<ManagementProcess> Servers { get; }

    public ApiClient Api => Servers[0].Api;

    /// <summary>Begins with hosts without domains.</summary>
    /// <param name="lab">The hosts.</param>
    /// <param name="broker">Between them and management.</param>
    /// <param name="devices"><c>pci.devices</c> of each host.</param>
    /// <param name="database">Two servers are on it; null: one, on a database of its own.</param>
    /// <param name="settings">Of management, e.g. <c>check.interval=5</c>.</param>
    public static async Task<LabCluster> StartAsync(
        LabFixture lab, BrokerFixture broker, string[] devices, TestDatabase? database, string[] settings, CancellationToken cancellationToken)
    {
        var cluster = new LabCluster(lab, await broker.CleanAsync(cancellationToken), database, settings);
        try
        {
            foreach (var (host, list) in lab.Hosts.Zip(devices)) await ConfigureAsync(host, list, cancellationToken);
            foreach (var host in lab.Hosts) await cluster.StartAgentAsync(host, cancellationToken);
            foreach (var server in cluster.Servers) await server.StartAsync(lab.Hosts.Count, cancellationToken);
            return cluster;
        }
        catch (Exception exception)
        {
            var logs = await cluster.LogsAsync();
            await cluster.DisposeAsync();
            throw new InvalidOperationException($"The lab's cluster did not start: {exception.Message}\n{logs}", exception);
        }
    }

    /// <summary>Starts the agent of a host, of which everything is traced.</summary>
    public Task StartAgentAsync(EmulatedHost host, CancellationToken cancellationToken) => host.RunAsync(
        $"setsid {Agent} run --properties {Properties} --log-level Trace >> {AgentLog} 2>&1 &", cancellationToken);

    /// <summary>Ends the agent of a host by kill -9.</summary>
    public static Task KillAgentAsync(EmulatedHost host, CancellationToken cancellationToken) => host.RunAsync(
        "for one in /proc/[0-9]*; do if grep -qs opt/pcibus/Agent $one/cmdline; then kill -9 ${one#/proc/}; fi; done", cancellationToken);

    /// <summary>What the agent of a host has logged, over all its starts.</summary>
    public static Task<string> AgentLogAsync(EmulatedHost host, CancellationToken cancellationToken) =>
        host.RunAsync($"cat {AgentLog}", cancellationToken);

    /// <summary>The template of the lab's guest, and an offering that asks for devices.</summary>
    /// <param name="pciDevices">What the offering asks for.</param>
    /// <param name="template"><c>guest</c>; <c>deaf</c>, whose kernel does not hear that it shall let go of a device; <c>agent</c>, which runs QEMU's guest agent.</param>
    /// <param name="offerHa">Whether it is started elsewhere when its host is down.</param>
    public async Task<TestScene> CreateSceneAsync(string pciDevices, string template = "guest", bool offerHa = false) => new(
        Api,
        (string)(await Api.CallAsync("listZones"))["zone"]![0]!["id"]!,
        (string)(await Api.CallAsync(
            "registerTemplate", ("name", template), ("displaytext", "The lab's guest"), ("url", $"file:///lab/templates/{template}"),
            ("format", "RAW"), ("hypervisor", "KVM")))["template"]![0]!["id"]!,
        (string)(await Api.CallAsync(
            "createServiceOffering", ("name", $"with {pciDevices}"), ("displaytext", "test"), ("cpunumber", 1), ("cpuspeed", 100),
            ("memory", 192), ("pcidevices", pciDevices), ("pcimigration", "DetachAttach"), ("offerha", offerHa)))["serviceoffering"]!["id"]!);

    public async Task<string> HostIdAsync(EmulatedHost host) => (string)(await Api.CallAsync("listHosts", ("name", host.Name)))["host"]!.Single()["id"]!;

    /// <summary>What libvirt shows of a virtual machine's domain on every host that runs, and what listPciDevices says, is this.</summary>
    /// <param name="vmId">The virtual machine.</param>
    /// <param name="devices">Host and address of each device, e.g. <c>lab1 0000:01:00.0</c>.</param>
    public async Task AgreeAsync(string vmId, CancellationToken cancellationToken, params string[] devices)
    {
        IReadOnlyList<string> owned = [], shown = [];
        await Patience.UntilAsync(
            async () =>
            {
                (owned, shown) = (await OwnedAsync(vmId), await ShownAsync(vmId, cancellationToken));
                return owned.SequenceEqual(devices) && shown.SequenceEqual(devices);
            },
            Reported, () => $"owned {string.Join(", ", owned)}; shown {string.Join(", ", shown)}", cancellationToken, string.Join(", ", devices),
            EmulatedHost.LookInterval);
    }

    /// <summary>What listPciDevices says of a virtual machine's devices: host and address of each.</summary>
    public async Task<IReadOnlyList<string>> OwnedAsync(string vmId) =>
        [.. ((await Api.CallAsync("listPciDevices", ("virtualmachineid", vmId)))["pcidevice"] ?? new JArray())
            .Select(device => $"{device["hostname"]} {device["address"]}").Order(StringComparer.Ordinal)];

    /// <summary>A device of a host, as listPciDevices shows it.</summary>
    public async Task<JToken> DeviceAsync(EmulatedHost host, string address) =>
        (await Api.CallAsync("listPciDevices", ("hostid", await HostIdAsync(host))))["pcidevice"]!.Single(device => (string?)device["address"] == address);

    public async Task<JToken> VmAsync(string vmId) => (await Api.CallAsync("listVirtualMachines", ("id", vmId)))["virtualmachine"]!.Single();

    /// <summary>What the events of a type say, the newest first.</summary>
    public async Task<IReadOnlyList<string>> EventsAsync(string type) =>
        [.. ((await Api.CallAsync("listEvents", ("type", type)))["event"] ?? new JArray()).Select(one => (string)one["description"]!)];

    /// <summary>What the libvirt of each host that runs shows of a domain's devices: host and address of each.</summary>
    private async Task<IReadOnlyList<string>> ShownAsync(string vmId, CancellationToken cancellationToken)
    {
        var shown = new List<string>();
        foreach (var host in _lab.Hosts.Where(host => host.IsOn))
        {
            await using var connection = await LibvirtConnection.OpenAsync(host.Uri, TimeProvider.System, cancellationToken);
            if (await connection.FindDomainAsync(Guid.Parse(vmId), cancellationToken) is not { } domain) continue;
            shown.AddRange(LibvirtDomainReader.Read(domain).PciDevices.Select(device => $"{host.Name} {device}"));
        }

        return [.. shown.Order(StringComparer.Ordinal)];
    }

    /// <summary>What management and the agents printed.</summary>
    public async Task<string> LogsAsync()
    {
        var logs = Servers.Select(server => server.LastLines).ToList();
        foreach (var host in _lab.Hosts.Where(host => host.IsOn))
        {
            logs.Add($"== {host.Name}");
            logs.Add(await host.RunAsync($"tail -40 {AgentLog} 2> /dev/null; tail -5 /var/log/libvirt/libvirtd.log; true", CancellationToken.None));
        }

        return string.Join('\n', logs);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in Servers)
        {
            await server.DisposeAsync();
            Directory.Delete(server.DataFolder, recursive: true);
        }

        _database?.Dispose();
        await _lab.EndAllAsync(CancellationToken.None);
    }

    /// <summary>Writes the agent.properties of a host.</summary>
    public static Task ConfigureAsync(EmulatedHost host, string pciDevices, CancellationToken cancellationToken) => host.RunAsync(
        $"""
        cat > {Properties} <<'END'
        guid={host.Name}
        name={host.Name}
        zone=zone1
        pod=pod1
        cluster=cluster1
        private.ip.address={host.Address}
        hypervisor.type=kvm
        libvirt.migration.uri={host.MigrationUri}
        libvirt.template.folder=/lab/templates
        libvirt.console.folder={LabGuest.ConsoleFolder}
        agent.data.folder=/var/lib/pcibus
        bus.address=amqp://guest:guest@10.0.2.100:5672/
        pci.devices={pciDevices}
        END
        rm -f {AgentLog}
        """,
        cancellationToken);
}
