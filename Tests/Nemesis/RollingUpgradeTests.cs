using System.Globalization;
using PciBus.Management.Persistence;
using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Nemesis;

/// <summary>
/// Servers and agents of the earlier program are exchanged for those of this one, one after the other, while users go on: the schema is
/// upgraded below the server that is left.
/// </summary>
[OutOfProcess]
[OnlyInAll("a build of the earlier program, and minutes of processes")]
public sealed class RollingUpgradeTests : IAsyncLifetime
{
    private const int Hosts = 3;
    private const int DevicesOfHost = 8;
    private const int Users = 4;

    /// <summary>What a user hears who asks for more than the hosts have at the moment, or for a host whose agent is being exchanged.</summary>
    private static readonly string[] Understood =
        ["no host", "insufficient capacity", "1 asked, 0 free", "is not connected", "interrupted by the end of the agent"];

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);
    private readonly NemesisCluster _cluster = new(Hosts, startTime: "1s", emptyOn: DatabaseProvider.PostgreSql);
    private readonly List<int> _underWay = [];
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var (folder, what) = await EarlierProgram.BuildAsync(_token);
        if (folder is null)
        {
            await _cluster.DisposeAsync();
            Assert.Skip(what);
        }

        Tell($"the earlier program is {what}");
        foreach (var server in _cluster.Management) server.ProgramFolder = folder;
        foreach (var agent in _cluster.Agents) agent.ProgramFolder = folder;
        await _cluster.StartAsync(_token);
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Servers_and_agents_exchanged_one_by_one_lose_nothing()
    {
        var api = _cluster.Management[0].Api;
        var scene = await TestScene.CreateAsync(api, "10GE", pciMigration: "DetachAttach");
        var residents = new Residents(_cluster);
        await residents.MoveInAsync(await TestScene.CreateAsync(api, "10GE", offerHa: true));
        var servers = _cluster.Management.Select(server => server.Api);
        var lives = new LifeCycles([.. servers], scene.ZoneId, scene.TemplateId, [scene.OfferingId]);
        Assert.NotEmpty(SchemaInstaller.Look(_cluster.Database).Pending);
        var isOver = false;
        var living = lives.RunAsync(Users, () => isOver);
        try
        {
            foreach (var server in _cluster.Management)
            {
                await LiveOnAsync(lives);
                await ExchangeAsync(server);
                Assert.Empty(SchemaInstaller.Look(_cluster.Database).Pending);
            }

            foreach (var agent in _cluster.Agents)
            {
                await LiveOnAsync(lives);
                await ExchangeAsync(agent, scene);
            }

            await LiveOnAsync(lives);
        }
        finally
        {
            isOver = true;
        }

        await living;

        Tell($"{lives.Completed} life cycles, {lives.Migrations} migrations, {lives.Refusals.Count} refusals");
        foreach (var refusal in lives.Refusals) Tell($"  {refusal}");
        foreach (var error in _cluster.Errors) Tell($"  {error}");
        await _cluster.EveryHostIsUpAsync(_token);
        await _cluster.Judge.RestsAsync(Soon, _token);
        await residents.BecomeWellAsync(deathsDeclared: 0, _token);
        Assert.Equal(
            [$"{Hosts * DevicesOfHost} devices, {Hosts} with an owner, 0 put aside"],
            _cluster.Judge.Rows("""
                SELECT count(*) || ' devices, ' || count(instance_id) || ' with an owner, '
                || count(*) FILTER (WHERE health <> 'Good') || ' put aside' FROM op_host_pci_devices
                """));
        Assert.Equal([], lives.Refusals.Where(text => !Understood.Any(reason => text.Contains(reason, StringComparison.OrdinalIgnoreCase))));
        Assert.Equal([], _cluster.Errors);
        Assert.DoesNotContain(0, _underWay);
    }

    /// <summary>Users go on for a while: life cycles end between two exchanges.</summary>
    private Task LiveOnAsync(LifeCycles lives)
    {
        var before = lives.Completed;
        return Patience.UntilAsync(
            () => lives.Completed >= before + Users,
            Soon,
            () => string.Join('\n', lives.Refusals.Append(_cluster.LastSeen())),
            _token,
            "users go on");
    }

    private async Task ExchangeAsync(ManagementProcess server)
    {
        await IsBusyAsync(null);
        var ended = await server.InterruptAsync(_token);
        var left = _cluster.InFlight();
        Assert.Equal(0, ended);
        server.ProgramFolder = AppContext.BaseDirectory;
        server.Launch();
        await Patience.UntilAsync(async () => (await server.Api.CallAsync("listZones")).HasValues, Soon, () => server.LastLines, _token);
        Tell($"a server: {_underWay[^1]} operations were under way, {left} when it had ended");
    }

    /// <summary>A visitor is on the way up there: the planner seldom sends anybody to the last host.</summary>
    private async Task ExchangeAsync(AgentProcess agent, TestScene scene)
    {
        var host = (string)(await scene.Api.CallAsync("listHosts", ("name", agent.Host)))["host"]!.Single()["id"]!;
        var visitor = await scene.RequestAsync($"visitor-of-{agent.Host}", host);
        await IsBusyAsync(agent.Host);
        var ended = await agent.TerminateAsync(_token);
        var left = _cluster.InFlight(agent.Host);
        Assert.Equal(0, ended);
        var before = agent.Output.Length;
        agent.ProgramFolder = AppContext.BaseDirectory;
        agent.Start();
        await Patience.UntilAsync(
            () => agent.Output[before..].Contains(": registered, session ", StringComparison.Ordinal), Soon, () => agent.LastLines, _token);
        Tell($"the agent of {agent.Host}: {_underWay[^1]} operations were under way there, {left} when it had ended");
        await scene.Api.WaitAsync((string)visitor["jobid"]!);
        await scene.Api.RunAsync("destroyVirtualMachine", ("id", (string)visitor["id"]!), ("expunge", true));
    }

    /// <summary>An exchange that hits nothing shows nothing.</summary>
    private Task IsBusyAsync(string? host)
    {
        _underWay.Add(0);
        return Patience.UntilAsync(
            () => (_underWay[^1] = _cluster.InFlight(host)) > 0, Soon, _cluster.LastSeen, _token, "something is under way");
    }

    private static void Tell(FormattableString line) =>
        TestContext.Current.TestOutputHelper?.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
