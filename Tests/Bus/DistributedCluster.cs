using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;
using RabbitMQ.Client;

namespace PciBus.Tests.Bus;

/// <summary>Management and agents as processes of their own, with a broker between them.</summary>
internal sealed class DistributedCluster : IAsyncDisposable
{
    private static readonly TimeSpan Registered = TimeSpan.FromSeconds(30);
    private readonly List<AgentProcess> _agents = [];

    private readonly DistributedClusterOptions _options;

    private DistributedCluster(string bus, DistributedClusterOptions options)
    {
        (Bus, _options) = (bus, options);
        Management = new ManagementProcess(Directory.CreateTempSubdirectory("pcibus-bus-").FullName, bus: options.BusOfManagement ?? bus);
        foreach (var setting in options.Settings) Management.Arguments.AddRange(["--setting", setting]);
    }

    public string Bus { get; }

    public ManagementProcess Management { get; }

    public ApiClient Api => Management.Api;

    public Judge Judge => new(Management);

    public IReadOnlyList<AgentProcess> Agents => _agents;

    /// <summary>Starts hosts kvm1, kvm2, ... with guids guid-1, guid-2, ...; each has the same devices, written as in agent.properties.</summary>
    public static async Task<DistributedCluster> StartAsync(BrokerFixture broker, int hosts, string pciDevices, CancellationToken cancellationToken) =>
        await StartAsync(await broker.CleanAsync(cancellationToken), new DistributedClusterOptions(hosts, pciDevices), cancellationToken);

    /// <summary>As above, on a broker that is clean.</summary>
    public static async Task<DistributedCluster> StartAsync(string bus, DistributedClusterOptions options, CancellationToken cancellationToken)
    {
        var cluster = new DistributedCluster(bus, options);
        for (var host = 1; host <= options.Hosts; host++) cluster.AddAgent($"kvm{host}", $"guid-{host}", options.PciDevices).Start();
        await cluster.Management.StartAsync(options.Hosts, cancellationToken);
        // Up for management is not yet registered for the agent.
        await cluster.UntilAsync(
            () => Task.FromResult(cluster._agents.All(agent => agent.Output.Contains(": up as host id ", StringComparison.Ordinal))), Registered, cancellationToken);
        return cluster;
    }

    /// <summary>A further agent, which is not started.</summary>
    public AgentProcess AddAgent(string name, string guid, string pciDevices)
    {
        Management.AddHost(
            name, guid, pciDevices, "agent.data.folder=.", $"bus.heartbeat={_options.Heartbeat}",
            $"simulator.start.time={_options.StartTime}", "simulator.stop.time=50ms", "settle.time=1s");
        var agent = new AgentProcess(Path.Combine(Management.DataFolder, "hosts", name), _options.BusOfAgents ?? Bus);
        _agents.Add(agent);
        return agent;
    }

    /// <summary>How often something happened to a virtual machine, by the simulated hosts' own logs.</summary>
    /// <param name="what">One of the constants of <see cref="Attachment"/>.</param>
    public int Count(string what, string vmId) => _agents
        .SelectMany(agent => AttachmentLog.Read(Path.Combine(agent.Folder, "simulator", "attachments.log")))
        .Count(line => line.Event == what && line.Domain == Guid.Parse(vmId));

    /// <summary>Whether a domain is there, by the files of the simulated hosts: the log tells of it a moment before.</summary>
    public bool HasDomain(string vmId) =>
        _agents.Any(agent => File.Exists(Path.Combine(agent.Folder, "simulator", "domains", $"{Guid.Parse(vmId)}.json")));

    public Task UntilAsync(Func<Task<bool>> condition, TimeSpan deadline, CancellationToken cancellationToken) =>
        Condition.BecomesTrueAsync(condition, deadline, Everything, cancellationToken);

    /// <summary>What management and the agents printed.</summary>
    public string Everything() => string.Join('\n', _agents.Select(agent => agent.Output).Prepend(Management.Output));

    /// <summary>A connection of the test's own.</summary>
    public Task<IConnection> ConnectAsync(CancellationToken cancellationToken) =>
        new ConnectionFactory { Uri = new Uri(Bus) }.CreateConnectionAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        foreach (var agent in _agents) await agent.DisposeAsync();
        await Management.DisposeAsync();
        Directory.Delete(Management.DataFolder, recursive: true);
    }
}
