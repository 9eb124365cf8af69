using System.Runtime.CompilerServices;
using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Contracts;
using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace PciBus.Tests.Bus;

/// <summary>Management and agents as processes of their own, with a broker between them.</summary>
internal sealed class DistributedCluster : IAsyncDisposable
{
    private static readonly TimeSpan Registered = TimeSpan.FromSeconds(15);
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
            () => cluster._agents.All(agent => agent.Output.Contains(": registered, session ", StringComparison.Ordinal)
                && agent.Output.Contains(": up as host id ", StringComparison.Ordinal)),
            Registered,
            cancellationToken,
            "all agents are registered");
        return cluster;
    }

    /// <summary>A further agent, which is not started.</summary>
    public AgentProcess AddAgent(string name, string guid, string pciDevices)
    {
        Management.AddHost(
            name, guid, pciDevices, "agent.data.folder=.", $"bus.heartbeat={_options.Heartbeat}",
            $"simulator.start.time={_options.StartTime}", "simulator.stop.time=50ms", "settle.time=1s");
        var agent = new AgentProcess(Path.Combine(Management.DataFolder, "hosts", name), _options.BusesOfAgents?[_agents.Count] ?? _options.BusOfAgents ?? Bus);
        _agents.Add(agent);
        return agent;
    }

    /// <summary>How often something happened to a virtual machine, by the simulated hosts' own logs.</summary>
    /// <param name="what">One of the constants of <see cref="Attachment"/>.</param>
    public int Count(string what, string vmId) => _agents
        .SelectMany(agent => AttachmentLog.Read(Path.Combine(agent.Folder, "simulator", "attachments.log")))
        .Count(line => line.Event == what && line.Domain == Guid.Parse(vmId));

    /// <summary>
    /// Whether a simulated host has a domain of the virtual machine that outlives its agent; the line of its log is written a moment before.
    /// </summary>
    public bool HasDomain(string vmId) => _agents.Any(agent => File.Exists(Path.Combine(agent.Folder, "simulator", "domains", $"{vmId}.json")));

    public Task UntilAsync(
        Func<Task<bool>> condition, TimeSpan idle, CancellationToken cancellationToken,
        [CallerArgumentExpression(nameof(condition))] string what = "") =>
        Patience.UntilAsync(condition, idle, LastSeen, cancellationToken, what);

    public Task UntilAsync(
        Func<bool> condition, TimeSpan idle, CancellationToken cancellationToken,
        [CallerArgumentExpression(nameof(condition))] string what = "") =>
        Patience.UntilAsync(condition, idle, LastSeen, cancellationToken, what);

    /// <summary>Waits until management has printed a text.</summary>
    public Task ManagementSaysAsync(string text, TimeSpan idle, CancellationToken cancellationToken) => UntilAsync(
        () => Management.Output.Contains(text, StringComparison.Ordinal), idle, cancellationToken, $"management says {text}");

    /// <summary>Kills an agent, and waits until the broker has noticed and deleted its queue.</summary>
    public async Task KillAgentAsync(AgentProcess agent, string guid, CancellationToken cancellationToken)
    {
        await agent.KillAsync();
        await QueueGoesAsync(guid, cancellationToken);
    }

    /// <summary>Waits until the broker has deleted the queue of an agent that has ended.</summary>
    public async Task QueueGoesAsync(string guid, CancellationToken cancellationToken)
    {
        await using var connection = await ConnectAsync(cancellationToken);
        await UntilAsync(
            async () =>
            {
                // A refusal closes the channel.
                await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
                try
                {
                    await channel.QueueDeclarePassiveAsync(EndpointNames.Agent(guid), cancellationToken);
                    return false;
                }
                catch (OperationInterruptedException refusal)
                {
                    return refusal.ShutdownReason!.ReplyCode == Constants.NotFound;
                }
            },
            Registered,
            cancellationToken,
            $"the queue of {guid} is gone");
    }

    /// <summary>A connection of the test's own.</summary>
    public Task<IConnection> ConnectAsync(CancellationToken cancellationToken) =>
        new ConnectionFactory { Uri = new Uri(Bus) }.CreateConnectionAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        foreach (var agent in _agents) await agent.DisposeAsync();
        await Management.DisposeAsync();
        Directory.Delete(Management.DataFolder, recursive: true);
    }

    /// <summary>The hosts and virtual machines as recorded, and the last words of every process.</summary>
    private string LastSeen() => string.Join('\n', Judge
        .Rows("SELECT 'host ' || name || ' is ' || status FROM host UNION ALL SELECT 'vm ' || name || ' is ' || state FROM vm_instance")
        .Append($"management:\n{Management.LastLines}")
        .Concat(_agents.Select(agent => $"{agent.Host}:\n{agent.LastLines}")));
}
