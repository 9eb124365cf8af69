using Newtonsoft.Json.Linq;
using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Bus;

/// <summary>As production runs: TLS everywhere, with certificates on both sides, and a user on the broker for each host, which joined with a token.</summary>
internal sealed class JoinedCluster : IAsyncDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(90);
    private readonly string _folder = Directory.CreateTempSubdirectory("pcibus-join-").FullName;
    private readonly List<AgentProcess> _agents = [];

    private JoinedCluster(params string[] settings)
    {
        Certificate = ServerCertificate.Make(_folder);
        Broker = new BrokerNode { HasManagement = true, Certificate = Certificate };
        Management = new ManagementProcess(Path.Combine(_folder, "management"), bus: Broker.TlsAddress);
        string[] all =
        [
            "host.admission=joined", $"bus.management.address={Broker.ManagementAddress}", $"bus.tls.ca={Certificate.Authority}",
            $"bus.tls.certificate={Certificate.File}", $"bus.tls.key={Certificate.Key}",
            $"api.tls.certificate={Certificate.File}", $"api.tls.key={Certificate.Key}", "reconciliation.interval.broker.users=2", .. settings,
        ];
        foreach (var setting in all) Management.Arguments.AddRange(["--setting", setting]);
    }

    public ServerCertificate Certificate { get; }

    public BrokerNode Broker { get; }

    public ManagementProcess Management { get; }

    public ApiClient Api => Management.Api;

    public Judge Judge => new(Management);

    public IReadOnlyList<AgentProcess> Agents => _agents;

    /// <summary>Broker and management; skips the test when there is no broker.</summary>
    public static async Task<JoinedCluster> StartAsync(CancellationToken cancellationToken, params string[] settings)
    {
        if (await BrokerNode.InstallAsync() is { } missing) Assert.Skip(missing);
        var cluster = new JoinedCluster(settings);
        await cluster.Broker.StartAsync(cancellationToken);
        await cluster.Management.StartAsync(0, cancellationToken);
        return cluster;
    }

    /// <summary>An agent that has not joined.</summary>
    public AgentProcess AddAgent(string name, string guid)
    {
        Management.AddHost(
            name, guid, "28:00.1|10GE", "agent.data.folder=.", $"bus.tls.certificate={Certificate.File}", $"bus.tls.key={Certificate.Key}",
            "bus.heartbeat=1s", "simulator.start.time=50ms", "simulator.stop.time=50ms", "settle.time=1s");
        var agent = new AgentProcess(Path.Combine(Management.DataFolder, "hosts", name), "");
        _agents.Add(agent);
        return agent;
    }

    /// <summary>A host that is Up.</summary>
    public async Task<AgentProcess> AddHostAsync(string name, string guid, CancellationToken cancellationToken)
    {
        var agent = AddAgent(name, guid);
        await JoinsAsync(agent, await TokenAsync(), cancellationToken);
        agent.Start();
        await UntilAsync(name, "Up", cancellationToken);
        return agent;
    }

    /// <summary>A token for the cluster of the test's hosts, unless the parameters say otherwise.</summary>
    public async Task<string> TokenAsync(params (string Name, string Value)[] parameters)
    {
        (string Name, string Value)[] place = [("zone", "zone1"), ("pod", "pod1"), ("cluster", "cluster1")];
        var all = place.Where(one => parameters.All(other => other.Name != one.Name)).Concat(parameters);
        return (string)(await Api.CallAsync("createHostJoinToken", [.. all.Select(one => (one.Name, (object?)one.Value))]))["hostjointoken"]!["token"]!;
    }

    /// <returns>The exit code of Agent join.</returns>
    public Task<int> JoinAsync(AgentProcess agent, string token, CancellationToken cancellationToken) => agent.RunToEndAsync(
        cancellationToken, "join", "--server", $"https://localhost:{Management.ApiPort}", "--token", token, "--ca", Certificate.Authority);

    public async Task JoinsAsync(AgentProcess agent, string token, CancellationToken cancellationToken) =>
        Assert.True(await JoinAsync(agent, token, cancellationToken) == 0, agent.Output + Management.Output);

    public async Task<JToken> HostAsync(string name) => (await Api.CallAsync("listHosts", ("name", name)))["host"]![0]!;

    public Task UntilAsync(string host, string state, CancellationToken cancellationToken) =>
        UntilAsync(async () => (string?)(await HostAsync(host))["state"] == state, cancellationToken);

    public Task UntilAsync(Func<Task<bool>> condition, CancellationToken cancellationToken) => Condition.BecomesTrueAsync(
        condition, Soon, () => string.Join('\n', _agents.Select(agent => agent.Output).Prepend(Management.Output)), cancellationToken);

    public IReadOnlyList<string> Alerts(string type) => Judge.Rows($"SELECT subject || ': ' || body FROM alert WHERE type = '{type}'");

    public async ValueTask DisposeAsync()
    {
        foreach (var agent in _agents) await agent.DisposeAsync();
        await Management.DisposeAsync();
        await Broker.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
