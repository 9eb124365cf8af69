using Newtonsoft.Json.Linq;
using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;

namespace PciBus.Tests.Lab;

/// <summary>Management on this machine, and an agent in each host of the lab.</summary>
internal sealed class LabCluster : IAsyncDisposable
{
    private const string Agent = "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 /opt/pcibus/dotnet/dotnet /opt/pcibus/agent/Agent.dll";
    private const string Properties = "/etc/agent.properties";

    private readonly LabFixture _lab;

    private LabCluster(LabFixture lab, string bus)
    {
        _lab = lab;
        Management = new ManagementProcess(Directory.CreateTempSubdirectory("pcibus-lab-").FullName, bus: bus, pingInterval: 5);
    }

    public ManagementProcess Management { get; }

    public ApiClient Api => Management.Api;

    /// <summary>Begins with hosts without domains.</summary>
    /// <param name="pciDevices"><c>pci.devices</c> of each host.</param>
    public static async Task<LabCluster> StartAsync(LabFixture lab, BrokerFixture broker, string pciDevices, CancellationToken cancellationToken)
    {
        var cluster = new LabCluster(lab, await broker.CleanAsync(cancellationToken));
        try
        {
            foreach (var host in lab.Hosts) await host.RunAsync(AgentScript(host, pciDevices), cancellationToken);
            await cluster.Management.StartAsync(lab.Hosts.Count, cancellationToken);
            return cluster;
        }
        catch (Exception exception)
        {
            var logs = await cluster.LogsAsync();
            await cluster.DisposeAsync();
            throw new InvalidOperationException($"The lab's cluster did not start: {exception.Message}\n{logs}", exception);
        }
    }

    /// <summary>The template of the lab's guest, and an offering that asks for devices.</summary>
    public async Task<TestScene> CreateSceneAsync(string pciDevices) => new(
        Api,
        (string)(await Api.CallAsync("listZones"))["zone"]![0]!["id"]!,
        (string)(await Api.CallAsync(
            "registerTemplate", ("name", "guest"), ("displaytext", "The lab's guest"), ("url", "file:///lab/templates/guest"),
            ("format", "RAW"), ("hypervisor", "KVM")))["template"]![0]!["id"]!,
        (string)(await Api.CallAsync(
            "createServiceOffering", ("name", $"with {pciDevices}"), ("displaytext", "test"), ("cpunumber", 1), ("cpuspeed", 100),
            ("memory", 192), ("pcidevices", pciDevices), ("pcimigration", "DetachAttach")))["serviceoffering"]!["id"]!);

    public async Task<string> HostIdAsync(EmulatedHost host) => (string)(await Api.CallAsync("listHosts", ("name", host.Name)))["host"]!.Single()["id"]!;

    /// <summary>What listPciDevices says of a virtual machine's devices: host and address of each.</summary>
    public async Task<IReadOnlyList<string>> OwnedAsync(string vmId) =>
        [.. ((await Api.CallAsync("listPciDevices", ("virtualmachineid", vmId)))["pcidevice"] ?? new JArray())
            .Select(device => $"{device["hostname"]} {device["address"]}").Order(StringComparer.Ordinal)];

    /// <summary>What the hosts' libvirt shows of a domain's devices: host and address of each.</summary>
    public async Task<IReadOnlyList<string>> ShownAsync(string vmId, CancellationToken cancellationToken)
    {
        var shown = new List<string>();
        foreach (var host in _lab.Hosts)
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
        var logs = new List<string> { Management.LastLines };
        foreach (var host in _lab.Hosts)
        {
            logs.Add($"== {host.Name}");
            logs.Add(await host.RunAsync("tail -40 /var/log/agent.log 2> /dev/null; tail -5 /var/log/libvirt/libvirtd.log; true", CancellationToken.None));
        }

        return string.Join('\n', logs);
    }

    public async ValueTask DisposeAsync()
    {
        await Management.DisposeAsync();
        Directory.Delete(Management.DataFolder, recursive: true);
        await _lab.EndAllAsync(CancellationToken.None);
    }

    private static string AgentScript(EmulatedHost host, string pciDevices) =>
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
        {Agent} check --properties {Properties} > /var/log/agent-check.log 2>&1
        setsid env {Agent} run --properties {Properties} > /var/log/agent.log 2>&1 &
        """;
}
