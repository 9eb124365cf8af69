using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;
using RabbitMQ.Client;
using Xunit;

namespace PciBus.Tests.Bus;

[Collection(nameof(Bus))]
[OutOfProcess]
[OnlyInAll("half a minute of processes")]
public sealed class AgentProcessTests(BrokerFixture broker)
{
    private const long MostMemory = 100L << 20;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);
    /// <summary>How the lines of Agent check begin that tell what is, and not what is wrong.</summary>
    private static readonly string[] _facts = ["host ", "machine ", "0000:", "broker "];

    private static readonly TimeSpan LongerThanAGhost = TimeSpan.FromSeconds(4);
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task SecondAgentWithTheSameGuid_IsRefused_AndTheFirstGoesOn()
    {
        await using var cluster = await DistributedCluster.StartAsync(broker, 1, "28:00.1|10GE", _token);
        var second = cluster.AddAgent("twin", "guid-1", "28:00.1|10GE");

        Assert.Equal(3, await second.RunToEndAsync(_token));

        Assert.Contains("The broker refuses agent.guid-1: another connection holds it.", second.Output, StringComparison.Ordinal);
        Assert.Contains("is locked by another connection, which may be the one before", second.Output, StringComparison.Ordinal);
        var scene = await TestScene.CreateAsync(cluster.Api, "10GE");
        await scene.DeployAsync("vm");
    }

    [Fact]
    public async Task QueueThatIsLockedStillWhenTheBrokerIsBack_IsWaitedForAnew()
    {
        var bus = await broker.CleanAsync(_token);
        await using var wire = new BrokerProxy(bus);
        await using var cluster = await DistributedCluster.StartAsync(bus, new DistributedClusterOptions(1, "28:00.1|10GE") { BusOfAgents = wire.Address }, _token);
        await using var ghost = await cluster.ConnectAsync(_token);
        await (await ghost.CreateChannelAsync(cancellationToken: _token))
            .QueueDeclareAsync("agent.guid-9", durable: false, exclusive: true, autoDelete: true, cancellationToken: _token);
        var agent = cluster.AddAgent("kvm9", "guid-9", "28:00.1|10GE");
        agent.Start();
        await SeesAsync(" is locked by another connection", 1);
        wire.HoldFromBroker();
        var away = TimeProvider.System.GetTimestamp();
        await cluster.UntilAsync(() => TimeProvider.System.GetElapsedTime(away) > LongerThanAGhost, Soon, _token);
        var before = Lines(" is locked by another connection");
        wire.Cut();

        await SeesAsync(" is locked by another connection", before + 1);
        await ghost.CloseAsync(cancellationToken: _token);
        await SeesAsync(": connected with amqp", 1);

        int Lines(string text) => agent.Output.Split(text).Length - 1;
        Task SeesAsync(string text, int times) => cluster.UntilAsync(() => Lines(text) >= times, Soon, _token);
    }

    [Fact]
    public async Task SecondAgentOnTheSameFolder_IsRefused()
    {
        await using var cluster = await DistributedCluster.StartAsync(broker, 1, "28:00.1|10GE", _token);
        await using var second = new AgentProcess(Path.Combine(cluster.Management.DataFolder, "hosts", "kvm1"), cluster.Bus);

        Assert.Equal(1, await second.RunToEndAsync(_token));

        Assert.Contains("is in use by another agent, process ", second.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Agent_IsReadySoon_AndSmall()
    {
        await using var cluster = await DistributedCluster.StartAsync(broker, 1, "28:00.1|10GE", _token);
        var agent = cluster.Agents[0];
        Assert.Equal(0, await agent.TerminateAsync(_token));
        // Disconnected, or Alert where the good-bye crossed an announcement.
        await cluster.UntilAsync(
            async () => (int?)(await cluster.Api.CallAsync("listHosts", ("state", "Up")))["count"] is null or 0, Soon, _token);

        var before = Registrations(agent);
        var started = TimeProvider.System.GetTimestamp();
        agent.Start();
        await cluster.UntilAsync(() => Registrations(agent) > before, Soon, _token);
        var ready = TimeProvider.System.GetElapsedTime(started);

        TestContext.Current.SendDiagnosticMessage("agent: ready after {0:0.00} s, {1} MB resident", ready.TotalSeconds, agent.ResidentMemory >> 20);
        Console.WriteLine($"agent: ready after {ready.TotalSeconds:0.00} s, {agent.ResidentMemory >> 20} MB resident");
        Assert.InRange(agent.ResidentMemory, 1, MostMemory);
    }

    [Fact]
    public async Task Check_SaysWhatIsWrong()
    {
        await using var cluster = await DistributedCluster.StartAsync(broker, 1, "28:00.1|10GE", _token);
        var good = cluster.AddAgent("good", "guid-good", "28:00.1|10GE");
        Assert.Equal((0, ""), (await good.RunToEndAsync(_token, "check"), Problems(good)));

        var taken = cluster.AddAgent("taken", "guid-1", "28:00.1|10GE,nonsense");
        Assert.Equal(1, await taken.RunToEndAsync(_token, "check"));
        Assert.Contains("agent.guid-1 is in use: an agent with this guid is connected", taken.Output, StringComparison.Ordinal);
        Assert.Contains("\"nonsense\" (entry 2) is not served: ", taken.Output, StringComparison.Ordinal);

        var folder = Path.Combine(cluster.Management.DataFolder, "hosts", "good");
        await using var stranger = new AgentProcess(folder, cluster.Bus.Replace("guest:guest", "guest:secret", StringComparison.Ordinal));
        Assert.Equal(1, await stranger.RunToEndAsync(_token, "check"));
        Assert.Contains("cannot be used: ", stranger.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", stranger.Output, StringComparison.Ordinal);

        await using var nowhere = new AgentProcess(folder, "");
        Assert.Equal(1, await nowhere.RunToEndAsync(_token, "check"));
        Assert.Contains("bus.address is missing", nowhere.Output, StringComparison.Ordinal);
    }

    private static int Registrations(AgentProcess agent) => agent.Output.Split(": registered, session ").Length - 1;

    /// <summary>What it printed besides the host, its machine, its devices and the broker.</summary>
    private static string Problems(AgentProcess agent) => string.Join('\n', agent.Output.Split('\n').Where(line =>
        line.Length > 0 && !_facts.Any(fact => line.StartsWith(fact, StringComparison.Ordinal))));
}
