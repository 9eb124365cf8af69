using System.Globalization;
using System.Text;
using Newtonsoft.Json.Linq;
using PciBus.Contracts;
using PciBus.Contracts.Connection;
using PciBus.Contracts.Startup;
using PciBus.Management.Bus;
using PciBus.Management.Hosts.Joining;
using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Xunit;

namespace PciBus.Tests.Bus;

/// <summary>Who may be a host, and who may say what.</summary>
[Collection(nameof(Bus))]
[OutOfProcess]
public sealed class HostJoinTests : IAsyncLifetime
{
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;
    private JoinedCluster? _joined;

    private JoinedCluster Cluster => _joined!;

    public async ValueTask InitializeAsync() => _joined = await JoinedCluster.StartAsync(_token, "bus.retry.times=1", "bus.retry.pause=0.1");

    public async ValueTask DisposeAsync()
    {
        if (_joined is not null) await _joined.DisposeAsync();
    }

    [Fact]
    public async Task HostJoins_WithATokenThatIsGoodOnce_AndGetsAnotherPasswordWithAnother()
    {
        var token = await Cluster.TokenAsync();
        var first = Cluster.AddAgent("kvm1", "guid-1");
        await Cluster.JoinsAsync(first, token, _token);
        var credentials = Path.Combine(first.Folder, "bus.properties");
        Assert.Contains($"kvm1 has joined; {credentials} is for the agent alone", first.Output, StringComparison.Ordinal);
        FileRights.AreTheOwnersAlone(credentials);
        Assert.Contains("bus.address=amqps://agent.guid-1:", await File.ReadAllTextAsync(credentials, _token), StringComparison.Ordinal);
        Assert.True(await first.RunToEndAsync(_token, "check") == 0, first.Output);
        first.Start();
        await Cluster.UntilAsync("kvm1", "Up", _token);
        await (await TestScene.CreateAsync(Cluster.Api, "10GE")).DeployAsync("vm");

        // Anew, the password before is good no more.
        var before = await File.ReadAllTextAsync(credentials, _token);
        var again = await Cluster.TokenAsync(("hostid", (string)(await Cluster.HostAsync("kvm1"))["id"]!));
        Assert.Equal(0, await first.TerminateAsync(_token));
        await Cluster.JoinsAsync(first, again, _token);
        await Assert.ThrowsAsync<BrokerUnreachableException>(() => ConnectAsync(before));
        first.Start();
        await Cluster.UntilAsync("kvm1", "Up", _token);

        var everything = Cluster.Management.Output + first.Output + string.Join('\n', Cluster.Judge.Rows("SELECT description FROM event")) + await TokensAsync();
        Assert.DoesNotContain(new Uri(AddressIn(before)).UserInfo.Split(':')[1], everything, StringComparison.Ordinal);
        Assert.DoesNotContain(token, everything, StringComparison.Ordinal);
    }

    [OnlyInAll("half a minute of processes")]
    [Fact]
    public async Task TokenThatWasUsed_IsExpired_OrIsForSomethingElse_IsRefused()
    {
        var token = await Cluster.TokenAsync();
        await Cluster.JoinsAsync(Cluster.AddAgent("kvm1", "guid-1"), token, _token);

        await RefusedAsync("kvm2", "guid-2", token, "the token was used by kvm1 (guid-1)");
        await RefusedAsync("kvm3", "guid-3", "nonsense", "The token is not known");
        await RefusedAsync(
            "kvm4", "guid-4", await Cluster.TokenAsync(("cluster", "other")),
            "the token is for zone=zone1, pod=pod1, cluster=other, and agent.properties has zone=zone1, pod=pod1, cluster=cluster1");
        await RefusedAsync(
            "twin", "guid-1", await Cluster.TokenAsync(), "the guid is that of the host kvm1, which is there already; createHostJoinToken with its hostid lets it join again");
        var brief = await Cluster.TokenAsync(("lifetime", "1"));
        await Cluster.UntilAsync(
            async () => DateTimeOffset.Parse((string)(await TokensAsync())[0]!["expires"]!, CultureInfo.InvariantCulture).AddSeconds(1) < TimeProvider.System.GetUtcNow(), _token);
        await RefusedAsync("kvm5", "guid-5", brief, "the token expired at ");

        // A token that nobody made is nobody's mistake: it is logged, and no more.
        await Cluster.UntilAsync(
            () => Cluster.Alerts("HostRefused").Select(alert => alert.Split(' ')[0]).Order(StringComparer.Ordinal)
                .SequenceEqual(["kvm2", "kvm4", "kvm5", "twin"]),
            _token);
    }

    [OnlyInAll("half a minute of processes")]
    [Fact]
    public async Task MessageOfAnotherUser_OrOfNone_IsRefused_AndSeen()
    {
        await Cluster.AddHostAsync("kvm1", "guid-1", _token);
        var other = Cluster.AddAgent("kvm2", "guid-2");
        await Cluster.JoinsAsync(other, await Cluster.TokenAsync(), _token);
        await using var connection = await ConnectAsync(await File.ReadAllTextAsync(Path.Combine(other.Folder, "bus.properties"), _token));
        var farewell = new ShutdownCommand { CommandId = Guid.NewGuid(), HostGuid = "guid-1", Session = 1, Sequence = 1_000_000 };
        await PublishAsync(connection, farewell, "agent.guid-2");
        await PublishAsync(connection, farewell, null);
        await Assert.ThrowsAnyAsync<Exception>(() => PublishAsync(connection, farewell, "agent.guid-1"));
        await PublishAsync(connection, farewell with { HostGuid = new string('x', 200_000) }, "agent.guid-2");
        await Cluster.UntilAsync(() => Cluster.Alerts("HostRefused").Count == 2, _token);
        var alerts = Cluster.Alerts("HostRefused");
        Assert.Contains(alerts, alert => alert.StartsWith(
            "Messages of the user agent.guid-2 are refused: The first: ShutdownCommand in management.startup: user agent.guid-2 speaks for host guid-1", StringComparison.Ordinal));
        Assert.Contains(alerts, alert => alert.StartsWith("Messages without a user are refused: ", StringComparison.Ordinal));
        await Cluster.UntilAsync(async () => await WaitingAsync(EndpointNames.Refused) == 3, _token);
        Assert.Equal("Up", (string?)(await Cluster.HostAsync("kvm1"))["state"]);

        // It may read, bind and write nothing of the other's.
        await DeniedAsync(connection, channel => channel.QueueDeclareAsync("agent.guid-1", durable: false, exclusive: true, autoDelete: true, cancellationToken: _token));
        await DeniedAsync(connection, channel => channel.BasicPublishAsync("agent.guid-1", "", mandatory: true, ReadOnlyMemory<byte>.Empty, _token).AsTask());
        await DeniedAsync(connection, channel => channel.BasicGetAsync("management.answers", autoAck: true, _token));
        await DeniedAsync(connection, channel => channel.ExchangeDeclareAsync("agent.guid-1", ExchangeType.Fanout, durable: true, cancellationToken: _token));
    }

    [OnlyInAll("half a minute of processes")]
    [Fact]
    public async Task HostThatWasTakenOut_HasNoUserAnyMore_AndOneThatIsThereGetsItsOwnBack()
    {
        await Cluster.TokenAsync();
        var zone = (string)(await Cluster.Api.CallAsync("listZones", ("name", "zone1")))["zone"]![0]!["id"]!;
        var pod = (string)(await Cluster.Api.CallAsync("listPods", ("zoneid", zone)))["pod"]![0]!["id"]!;
        var added = (await Cluster.Api.CallAsync(
            "addHost", ("zoneid", zone), ("podid", pod), ("clustername", "cluster1"), ("hypervisor", "KVM"), ("url", "http://kvm1"), ("guid", "guid-1")))["host"]![0]!;
        Assert.Equal(("kvm1", "Creating"), ((string)added["name"]!, (string)added["state"]!));
        var id = (string)added["id"]!;
        var agent = Cluster.AddAgent("kvm1", "guid-1");
        await Cluster.JoinsAsync(agent, await Cluster.TokenAsync(("hostid", id)), _token);
        agent.Start();
        await Cluster.UntilAsync("kvm1", "Up", _token);
        Assert.Equal(id, (string?)(await Cluster.HostAsync("kvm1"))["id"]);

        // The host is Up before the agent has heard of its session.
        await Cluster.UntilAsync(() => Sessions() == 1, _token);
        var sessions = Sessions();
        await Cluster.Broker.ControlAsync("delete_user", "agent.guid-1");
        await Cluster.UntilAsync(() => Sessions() > sessions, _token);
        await Cluster.UntilAsync("kvm1", "Up", _token);

        await Cluster.Api.CallAsync("updateHost", ("id", id), ("allocationstate", "Disable"));
        await Cluster.Api.CallAsync("deleteHost", ("id", id));
        await Cluster.UntilAsync(async () => await Cluster.Broker.CountAsync("agent.guid-1", "list_users") == 0, _token);
        Assert.Empty((await Cluster.Api.CallAsync("listHosts"))["host"] ?? new JArray());

        // Its agent was connected when it was deleted: the exchange was in use.
        await Cluster.UntilAsync(
            async () =>
            {
                await Cluster.Api.CallAsync("runReconciliationJob", ("name", "broker.exchanges"));
                return await Cluster.Broker.CountAsync("agent.guid-1", "list_exchanges", "name") == 0;
            },
            _token);

        int Sessions() => agent.Output.Split(": registered, session ").Length - 1;
    }

    [OnlyInAll("half a minute of processes")]
    [Fact]
    public async Task UserThatTwoServersMakeAtOnce_IsMade()
    {
        Assert.True(BusAddress.TryParse(Cluster.Broker.Address, out var bus));
        using var users = new BrokerUsers(new Uri(Cluster.Broker.ManagementAddress), bus);
        for (var round = 0; round < 25; round++)
        {
            var hash = HostPassword.ForBroker(HostPassword.New());
            await Task.WhenAll(users.EnsureAsync("guid-9", hash, _token), users.EnsureAsync("guid-9", hash, _token));
            Assert.Equal(hash, (await users.ListAsync(_token))["guid-9"]);
        }
    }

    private async Task RefusedAsync(string name, string guid, string token, string why)
    {
        var agent = Cluster.AddAgent(name, guid);
        Assert.Equal(1, await Cluster.JoinAsync(agent, token, _token));
        Assert.Contains(" refuses ", agent.Output, StringComparison.Ordinal);
        Assert.Contains(why, agent.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(agent.Folder, "bus.properties")));
    }

    private async Task<JArray> TokensAsync() => (JArray)(await Cluster.Api.CallAsync("listHostJoinTokens"))["hostjointoken"]!;

    private static string AddressIn(string credentials) => credentials.Split('\n')[0]["bus.address=".Length..];

    private Task<IConnection> ConnectAsync(string credentials)
    {
        Assert.True(BusAddress.TryParse(AddressIn(credentials), out var address));
        return BrokerFactory.For(address with { Tls = TlsSettings.Read(Cluster.Certificate.Authority, null, null) }, TimeSpan.FromSeconds(10), "test")
            .CreateConnectionAsync(_token);
    }

    private async Task PublishAsync(IConnection connection, object message, string? user, params (string Name, object? Value)[] headers)
    {
        await using var channel = await OpenAsync(connection);
        var properties = new BasicProperties { ContentType = Envelope.ContentType, MessageId = Guid.NewGuid().ToString() };
        if (user is not null) properties.UserId = user;
        // As if it had been put back by management.
        properties.Headers = new Dictionary<string, object?> { ["pcibus-user"] = Encoding.UTF8.GetBytes("agent.guid-1") };
        foreach (var (name, value) in headers) properties.Headers[name] = value;
        await channel.BasicPublishAsync(
            EndpointNames.Management(message), "", mandatory: true, properties, Envelope.Write(message, Guid.NewGuid(), TimeProvider.System.GetUtcNow()), _token);
    }

    private async Task DeniedAsync(IConnection connection, Func<IChannel, Task> what)
    {
        await using var channel = await OpenAsync(connection);
        var refusal = await Assert.ThrowsAnyAsync<RabbitMQClientException>(() => what(channel));
        Assert.Contains("ACCESS_REFUSED", refusal.ToString(), StringComparison.Ordinal);
    }

    private Task<IChannel> OpenAsync(IConnection connection) => connection.CreateChannelAsync(
        new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), _token);

    [OnlyInAll("half a minute of processes")]
    [Fact]
    public async Task LetterThatIsPutBack_KeepsItsUser_AndGoesWhereItCameFromAlone()
    {
        await Cluster.AddHostAsync("kvm1", "guid-1", _token);
        var other = Cluster.AddAgent("kvm2", "guid-2");
        await Cluster.JoinsAsync(other, await Cluster.TokenAsync(), _token);
        await using var connection = await ConnectAsync(await File.ReadAllTextAsync(Path.Combine(other.Folder, "bus.properties"), _token));
        var poison = new PingRoutingCommand { CommandId = Guid.NewGuid(), HostGuid = "guid-2", Report = null! };
        await PublishAsync(connection, poison, "agent.guid-2");
        // It says that it came from the queue of another host.
        await PublishAsync(connection, poison, "agent.guid-2", ("x-death", new List<object?>()), ("x-first-death-queue", "agent.guid-1"));
        await Cluster.UntilAsync(async () => await WaitingAsync(EndpointNames.DeadLetters) == 2, _token);

        await using var replay = new ManagementProcess(Cluster.Management.DataFolder, bus: Cluster.Broker.Address);
        Assert.Equal(0, await replay.ExecuteAsync(_token, "replay-dead-letters"));
        // RabbitMQ 4 takes no such header from a publisher: both came from where it says. Either way the other host gets neither.
        Assert.Matches("1 messages were put back; 1 do not say where they came from and were left|2 messages were put back", replay.Output);
        await Cluster.UntilAsync(async () => await WaitingAsync(EndpointNames.DeadLetters) == 2, _token);
        Assert.Equal(0u, await WaitingAsync(EndpointNames.Refused));
        Assert.Empty(Cluster.Alerts("HostRefused"));
    }

    private async Task<uint> WaitingAsync(string queue)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(Cluster.Broker.Address) }.CreateConnectionAsync(_token);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: _token);
        return await channel.MessageCountAsync(queue, _token);
    }
}
