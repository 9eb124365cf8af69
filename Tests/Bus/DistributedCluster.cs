using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;
using RabbitMQ.Client;

namespace PciBus.Tests.Bus;

/// <summary>Management and agents as processes of their own, with a broker between them.</summary>
internal sealed class DistributedCluster : IAsyncDisposable
{
    private static readonly TimeSpan Registered = TimeSpan.FromSeconds(30);
    private readonly List<AgentProcess> _agents = [];

    private DistributedCluster(string bus)
    {
        Bus = bus;
        Management = new ManagementProcess(Directory.CreateTempSubdirectory("pcibus-bus-").FullName, bus: bus);
    }

    public string Bus { get; }

    public ManagementProcess Management { get; }

    public ApiClient Api => Management.Api;

    public Judge Judge => new(Management);

    public IReadOnlyList<AgentProcess> Agents => _agents;

    /// <summary>Starts hosts kvm1, kvm2, ... with guids guid-1, guid-2, ...; each has the same devices, written as in agent.properties.</summary>
    public static async Task<DistributedCluster> StartAsync(BrokerFixture broker, int hosts, string pciDevices, CancellationToken cancellationToken)
    {
        var cluster = new DistributedCluster(await broker.CleanAsync(cancellationToken));
        for (var host = 1; host <= hosts; host++) cluster.AddAgent($"kvm{host}", $"guid-{host}", pciDevices).Start();
        await cluster.Management.StartAsync(hosts, cancellationToken);
        // Up for management is not yet registered for the agent.
        await cluster.UntilAsync(
            () => Task.FromResult(cluster._agents.All(agent => agent.Output.Contains(": up as host id ", StringComparison.Ordinal))), Registered, cancellationToken);
        return cluster;
    }

    /// <summary>A further agent, which is not started.</summary>
    public AgentProcess AddAgent(string name, string guid, string pciDevices)
    {
        Management.AddHost(name, guid, pciDevices, "agent.data.folder=.", "bus.heartbeat=1s", "simulator.start.time=50ms", "simulator.stop.time=50ms");
        var agent = new AgentProcess(Path.Combine(Management.DataFolder, "hosts", name), Bus);
        _agents.Add(agent);
        return agent;
    }

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
