using System.Text;
using Newtonsoft.Json.Linq;
using PciBus.Agent.Broker;
using PciBus.Contracts;
using PciBus.Contracts.Startup;
using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Xunit;

namespace PciBus.Tests.Bus;

/// <summary>Who may be a host and who may say what, over TLS, with a user on the broker for each host.</summary>
[Collection(nameof(Bus))]
public sealed class HostJoinTests : IAsyncLifetime
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;
    private readonly string _folder = Directory.CreateTempSubdirectory("pcibus-join-").FullName;
    private readonly List<AgentProcess> _agents = [];
    private BrokerNode? _broker;
    private ManagementProcess? _management;

    private BrokerNode Broker => _broker!;

    private ManagementProcess Management => _management!;

    private ServerCertificate Certificate => Broker.Certificate!;

    public async ValueTask InitializeAsync()
    {
        if (await BrokerNode.InstallAsync() is { } missing) Assert.Skip(missing);
        _broker = new BrokerNode { HasManagement = true, Certificate = ServerCertificate.Make(_folder) };
        await _broker.StartAsync(_token);
        _management = new ManagementProcess(Path.Combine(_folder, "management"), bus: _broker.TlsAddress);
        string[] settings =
        [
            "host.admission=joined", $"bus.management.address={_broker.ManagementAddress}", $"bus.tls.ca={Certificate.Authority}",
            $"api.tls.certificate={Certificate.File}", $"api.tls.key={Certificate.Key}",
        ];
        foreach (var setting in settings) _management.Arguments.AddRange(["--setting", setting]);
        await _management.StartAsync(0, _token);
    }

    [Fact]
    public async Task HostJoins_WithATokenThatIsGoodOnce_AndIsHeardByItsOwnUserAlone()
    {
        var token = await TokenAsync(("zone", "zone1"), ("pod", "pod1"), ("cluster", "cluster1"));
        var first = AddAgent("kvm1", "guid-1", "");
        await JoinsAsync(first, token);
        var credentials = Path.Combine(first.Folder, "bus.properties");
        Assert.Contains($"kvm1 has joined; {credentials} is for the agent alone", first.Output, StringComparison.Ordinal);
        FileRights.AreTheOwnersAlone(credentials);
        Assert.Contains("bus.address=amqps://agent.guid-1:", await File.ReadAllTextAsync(credentials, _token), StringComparison.Ordinal);
        Assert.Equal((0, ""), (await first.RunToEndAsync(_token, "check"), ProblemsOf(first)));
        first.Start();
        await UpAsync("kvm1");
        var scene = await TestScene.CreateAsync(Management.Api, "10GE");
        await scene.DeployAsync("vm");

        await RefusedAsync(AddAgent("kvm2", "guid-2", ""), token, "the token was used by kvm1 (guid-1)");
        await RefusedAsync(AddAgent("kvm3", "guid-3", ""), "nonsense", "The token is not known");
        await RefusedAsync(AddAgent("kvm4", "guid-4", ""), await TokenAsync(("cluster", "other")), "the token is for zone=default, pod=default, cluster=other, and agent.properties has zone=zone1, pod=pod1, cluster=cluster1");
        await RefusedAsync(AddAgent("twin", "guid-1", ""), await TokenAsync(("zone", "zone1"), ("pod", "pod1"), ("cluster", "cluster1")), "the guid is that of the host kvm1, which is there already; createHostJoinToken with its hostid lets it join again");
        var brief = await TokenAsync(("zone", "zone1"), ("pod", "pod1"), ("cluster", "cluster1"), ("lifetime", "1"));
        await Condition.BecomesTrueAsync(
            async () => DateTimeOffset.Parse((await TokensAsync())[0]!["expires"]!.ToString(), System.Globalization.CultureInfo.InvariantCulture) < TimeProvider.System.GetUtcNow(),
            Soon, () => Management.Output, _token);
        await RefusedAsync(AddAgent("kvm5", "guid-5", ""), brief, "the token expired at ");
        var alerts = Alerts("HostRefused");
        Assert.Contains(alerts, alert => alert.StartsWith("kvm2 may not join: Its guid is guid-2; with the token", StringComparison.Ordinal));
        Assert.Contains(alerts, alert => alert.StartsWith("kvm4 may not join", StringComparison.Ordinal));
        Assert.DoesNotContain(alerts, alert => alert.StartsWith("kvm3", StringComparison.Ordinal));

        // Anew, the password before is good no more.
        var before = await File.ReadAllTextAsync(credentials, _token);
        var again = await TokenAsync(("hostid", await HostIdAsync("kvm1")));
        Assert.Equal(0, await first.TerminateAsync(_token));
        await JoinsAsync(first, again);
        await Assert.ThrowsAsync<BrokerUnreachableException>(() => ConnectAsync(before));
        first.Start();
        await UpAsync("kvm1");
        Assert.DoesNotContain(PasswordOf(before), Management.Output + first.Output + string.Join('\n', Rows("SELECT description FROM event")), StringComparison.Ordinal);
        Assert.DoesNotContain(token, Management.Output + string.Join('\n', Rows("SELECT description FROM event")) + await TokensAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task MessageOfAnotherUser_OrOfNone_IsRefused_AndSeen()
    {
        foreach (var number in new[] { 1, 2 })
        {
            var agent = AddAgent($"kvm{number}", $"guid-{number}", "");
            await JoinsAsync(agent, await TokenAsync(("zone", "zone1"), ("pod", "pod1"), ("cluster", "cluster1")));
            if (number == 1) agent.Start();
        }

        await UpAsync("kvm1");
        await using var connection = await ConnectAsync(await File.ReadAllTextAsync(Path.Combine(_agents[1].Folder, "bus.properties"), _token));
        var farewell = new ShutdownCommand { CommandId = Guid.NewGuid(), HostGuid = "guid-1", Session = 1, Sequence = 1_000_000 };
        await PublishAsync(connection, farewell, "agent.guid-2");
        await PublishAsync(connection, farewell, null);
        await Assert.ThrowsAnyAsync<Exception>(() => PublishAsync(connection, farewell, "agent.guid-1"));
        await Condition.BecomesTrueAsync(
            () => Task.FromResult(Alerts("DeadLetter").Count == 2), Soon, () => string.Join('\n', Alerts("DeadLetter")) + Management.Output, _token);
        var alerts = Alerts("DeadLetter");
        Assert.Contains(alerts, alert => alert.Contains("refused: user agent.guid-2 speaks for host guid-1", StringComparison.Ordinal));
        Assert.Contains(alerts, alert => alert.Contains("refused: it names no user, and speaks for host guid-1", StringComparison.Ordinal));
        Assert.Equal("Up", (string?)(await HostAsync("kvm1"))["state"]);

        // Put back they are what they were.
        await using var replay = new ManagementProcess(Management.DataFolder, bus: Broker.Address);
        Assert.Equal(0, await replay.ExecuteAsync(_token, "replay-dead-letters"));
        Assert.Equal("2 messages were put back", replay.Output.Trim());
        await Condition.BecomesTrueAsync(async () => await DeadLettersAsync() == 2, Soon, () => Management.Output, _token);
        Assert.Equal("Up", (string?)(await HostAsync("kvm1"))["state"]);

        // It may read, bind and write nothing of the other's.
        await RefusedAsync(connection, channel => channel.QueueDeclareAsync("agent.guid-1", durable: false, exclusive: true, autoDelete: true, cancellationToken: _token));
        await RefusedAsync(connection, channel => channel.BasicPublishAsync("agent.guid-1", "", mandatory: true, ReadOnlyMemory<byte>.Empty, _token).AsTask());
        await RefusedAsync(connection, channel => channel.BasicGetAsync("management.answers", autoAck: true, _token));
        await RefusedAsync(connection, channel => channel.ExchangeDeclareAsync("agent.guid-1", ExchangeType.Fanout, durable: true, cancellationToken: _token));
    }

    [Fact]
    public async Task HostThatWasTakenOut_HasNoUserAnyMore_AndOneThatIsThereGetsItsOwnBack()
    {
        await TokenAsync(("zone", "zone1"), ("pod", "pod1"), ("cluster", "cluster1"));
        var zone = (string)(await Management.Api.CallAsync("listZones", ("name", "zone1")))["zone"]![0]!["id"]!;
        var pod = (string)(await Management.Api.CallAsync("listPods", ("zoneid", zone)))["pod"]![0]!["id"]!;
        var added = (await Management.Api.CallAsync(
            "addHost", ("zoneid", zone), ("podid", pod), ("clustername", "cluster1"), ("hypervisor", "KVM"), ("url", "http://kvm1"), ("guid", "guid-1")))["host"]![0]!;
        Assert.Equal(("kvm1", "Creating"), ((string)added["name"]!, (string)added["state"]!));
        var agent = AddAgent("kvm1", "guid-1", "");
        await JoinsAsync(agent, await TokenAsync(("hostid", (string)added["id"]!)));
        agent.Start();
        await UpAsync("kvm1");
        Assert.Equal((string?)added["id"], await HostIdAsync("kvm1"));

        await Broker.ControlAsync("delete_user", "agent.guid-1");
        await Condition.BecomesTrueAsync(
            async () => (string?)(await HostAsync("kvm1"))["state"] is "Alert" or "Connecting", Soon, () => Management.Output + agent.Output, _token);
        await UpAsync("kvm1");

        await Management.Api.CallAsync("updateHost", ("id", (string)added["id"]!), ("allocationstate", "Disable"));
        await Management.Api.CallAsync("deleteHost", ("id", (string)added["id"]!));
        await Condition.BecomesTrueAsync(
            async () => await Broker.CountAsync("agent.guid-1", "list_users") == 0, TimeSpan.FromSeconds(90), () => Management.Output, _token);
        Assert.Empty((await Management.Api.CallAsync("listHosts"))["host"] ?? new JArray());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var agent in _agents) await agent.DisposeAsync();
        if (_management is not null) await _management.DisposeAsync();
        if (_broker is not null) await _broker.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private AgentProcess AddAgent(string name, string guid, string bus)
    {
        Management.AddHost(
            name, guid, "28:00.1|10GE", "agent.data.folder=.", "bus.heartbeat=1s", "simulator.start.time=50ms", "simulator.stop.time=50ms", "settle.time=1s");
        var agent = new AgentProcess(Path.Combine(Management.DataFolder, "hosts", name), bus);
        _agents.Add(agent);
        return agent;
    }

    private Task<int> JoinAsync(AgentProcess agent, string token) => agent.RunToEndAsync(
        _token, "join", "--server", $"https://localhost:{Management.ApiPort}", "--token", token, "--ca", Certificate.Authority);

    private async Task JoinsAsync(AgentProcess agent, string token) =>
        Assert.True(await JoinAsync(agent, token) == 0, agent.Output + Management.Output);

    private async Task RefusedAsync(AgentProcess agent, string token, string why)
    {
        Assert.Equal(1, await JoinAsync(agent, token));
        Assert.Contains(" refuses ", agent.Output, StringComparison.Ordinal);
        Assert.Contains(why, agent.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(agent.Folder, "bus.properties")));
    }

    private async Task<string> TokenAsync(params (string Name, string Value)[] parameters) =>
        (string)(await Management.Api.CallAsync("createHostJoinToken", [.. parameters.Select(one => (one.Name, (object?)one.Value))]))["hostjointoken"]!["token"]!;

    private async Task<JArray> TokensAsync() => (JArray)(await Management.Api.CallAsync("listHostJoinTokens"))["hostjointoken"]!;

    private async Task<JToken> HostAsync(string name) => (await Management.Api.CallAsync("listHosts", ("name", name)))["host"]![0]!;

    private async Task<string> HostIdAsync(string name) => (string)(await HostAsync(name))["id"]!;

    private Task UpAsync(string name) => Condition.BecomesTrueAsync(
        async () => (string?)(await HostAsync(name))["state"] == "Up",
        TimeSpan.FromSeconds(90),
        () => Management.Output + string.Join('\n', _agents.Select(agent => agent.Output)),
        _token);

    private IReadOnlyList<string> Rows(string sql) => new Judge(Management).Rows(sql);

    private IReadOnlyList<string> Alerts(string type) => Rows($"SELECT subject || ': ' || body FROM alert WHERE type = '{type}'");

    private Task<IConnection> ConnectAsync(string credentials)
    {
        Assert.True(BusAddress.TryParse(credentials.Split('\n')[0]["bus.address=".Length..], out var address));
        return BrokerFactory.For(address! with { Tls = TlsSettings.Read(Certificate.Authority, null, null) }, TimeSpan.FromSeconds(10), "test")
            .CreateConnectionAsync(_token);
    }

    private static string PasswordOf(string credentials) => new Uri(credentials.Split('\n')[0]["bus.address=".Length..]).UserInfo.Split(':')[1];

    private async Task PublishAsync(IConnection connection, object message, string? user)
    {
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), _token);
        var properties = new BasicProperties { ContentType = Envelope.ContentType, MessageId = Guid.NewGuid().ToString() };
        if (user is not null) properties.UserId = user;
        // As if it had been put back by management.
        properties.Headers = new Dictionary<string, object?> { ["pcibus-user"] = Encoding.UTF8.GetBytes("agent.guid-1") };
        await channel.BasicPublishAsync(
            EndpointNames.Management(message), "", mandatory: true, properties, Envelope.Write(message, Guid.NewGuid(), TimeProvider.System.GetUtcNow()), _token);
    }

    private async Task<uint> DeadLettersAsync()
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(Broker.Address) }.CreateConnectionAsync(_token);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: _token);
        return await channel.MessageCountAsync(EndpointNames.DeadLetters, _token);
    }

    private async Task RefusedAsync(IConnection connection, Func<IChannel, Task> what)
    {
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), _token);
        var refusal = await Assert.ThrowsAnyAsync<RabbitMQClientException>(() => what(channel));
        Assert.Contains("ACCESS_REFUSED", refusal.ToString(), StringComparison.Ordinal);
    }

    private static string ProblemsOf(AgentProcess agent) => string.Join('\n', agent.Output.Split('\n').Where(line =>
        line.Length > 0 && !line.StartsWith("host ", StringComparison.Ordinal) && !line.StartsWith("0000:", StringComparison.Ordinal)
        && !line.StartsWith("broker ", StringComparison.Ordinal) && !line.StartsWith("kvm1 has joined", StringComparison.Ordinal)));
}
