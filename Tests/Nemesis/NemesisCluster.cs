using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Newtonsoft.Json.Linq;
using PciBus.Contracts.Connection;
using PciBus.Management.Bus;
using PciBus.Management.Persistence;
using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Nemesis;

/// <summary>
/// A broker, a PostgreSQL database, management servers and agents that have joined: all real, each a process of its own.
/// </summary>
internal sealed partial class NemesisCluster : IAsyncDisposable
{
    private const int Servers = 2;
    private const int DevicesOfHost = 8;
    private static readonly string SecretKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(30);
    private readonly string _folder = Directory.CreateTempSubdirectory("pcibus-nemesis").FullName;
    private readonly TestDatabase _database;

    static NemesisCluster() => LocalPostgreSql.IsDurable = true;

    /// <param name="hosts">How many agents there are.</param>
    /// <param name="wired">Whether the first server reaches the broker over <see cref="Wire"/>.</param>
    /// <param name="startTime">How long a simulated domain takes to come up.</param>
    /// <param name="apiTimeout">Time after which a server counts as not answering; null = a patient one.</param>
    /// <param name="emptyOn">The engine whose database has no tables before the first start; null = PostgreSQL, with its tables.</param>
    /// <param name="more">Further lines of each agent.properties.</param>
    public NemesisCluster(
        int hosts, bool wired = false, string startTime = "300ms", TimeSpan? apiTimeout = null, DatabaseProvider? emptyOn = null,
        params string[] more)
    {
        _database = emptyOn is { } engine ? TestDatabase.EmptyOn(engine) : new PostgreSqlDatabase();
        Wire = wired ? new BrokerProxy(Broker.Address) : null;
        Management = [.. Enumerable.Range(0, Servers).Select(number => new ManagementProcess(
            Path.Combine(_folder, $"management{number + 1}"), bus: number == 0 && wired ? Wire!.Address : Broker.Address, apiTimeout: apiTimeout)
        {
            Environment = { ("PCIBUS_SECRET_KEY", SecretKey) },
            Arguments =
            {
                "--setting", $"database.provider={Database.Provider.ToString().ToLowerInvariant()}",
                "--setting", $"database.connection={Database.ConnectionString}",
                "--setting", $"command.timeout={(wired ? 2 : 15)}", "--setting", "agent.return.time=10", "--setting", "restart.retry.interval=5",
                "--setting", "host.admission=joined", "--setting", $"bus.management.address={Broker.ManagementAddress}",
                "--setting", "reconciliation.interval.broker.users=10",
            },
        })];
        if (emptyOn == DatabaseProvider.SqlServer) foreach (var server in Management) server.Environment.Add((SqlServerCultures.Variable, "0"));
        Agents = [.. Enumerable.Range(1, hosts).Select(number => NewAgent(number, [$"simulator.start.time={startTime}", .. more]))];
    }

    public BrokerProxy? Wire { get; }

    public BrokerNode Broker { get; } = new() { HasManagement = true };

    public IReadOnlyList<ManagementProcess> Management { get; }

    public IReadOnlyList<AgentProcess> Agents { get; }

    public DatabaseOptions Database => _database.Options;

    public Judge Judge => new([.. Agents.Select(agent => agent.Folder)], _database.Connect);

    /// <summary>What servers and agents have logged as an error, over all their starts.</summary>
    public IReadOnlyList<string> Errors =>
    [
        .. Management.SelectMany((server, number) => LinesOf(server.Output)
            .Where(line => ServerError().IsMatch(line)).Select(line => $"management {number + 1}: {line}")),
        .. Agents.SelectMany(agent => LinesOf(agent.Output)
            .Where(line => AgentError().IsMatch(line)).Select(line => $"{agent.Host}: {line}")),
    ];

    /// <summary>Where hosts join they are told of the broker: the first server's way there may be the wire.</summary>
    private ManagementProcess Joining => Management[^1];

    /// <summary>Starts everything; the test is skipped where there is no broker to be had.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var missing = await BrokerNode.InstallAsync();
        Assert.SkipWhen(missing is not null, missing ?? "");
        try
        {
            await Broker.StartAsync(cancellationToken);
            foreach (var server in Management) server.Launch();
            var tokens = new List<string>();
            while (tokens.Count < Agents.Count) tokens.Add(await TokenAsync(cancellationToken));
            await Task.WhenAll(Agents.Zip(tokens, (agent, token) => JoinAsync(agent, token, cancellationToken)));
            foreach (var agent in Agents) agent.Start();
            await EveryHostIsUpAsync(cancellationToken);
        }
        catch
        {
            // Nobody else does: the test has not begun.
            await DisposeAsync();
            throw;
        }
    }

    public Task EveryHostIsUpAsync(CancellationToken cancellationToken) => UntilAsync(
        async () => await Management[0].Api.TryCallAsync("listHosts", ("state", "Up")) is { } answer && (answer["host"]?.Count() ?? 0) == Agents.Count,
        "every host is up",
        cancellationToken);

    /// <summary>Waits until management takes a host to be in a state.</summary>
    public Task HostIsAsync(string state, AgentProcess agent, CancellationToken cancellationToken) => UntilAsync(
        () => Task.FromResult(Status(agent) == state), $"{agent.Host} is {state}", cancellationToken);

    /// <summary>Says that a host is off, on whichever server answers.</summary>
    /// <exception cref="ApiError">It is not so for management.</exception>
    public Task DeclareDownAsync(AgentProcess agent, CancellationToken cancellationToken) => UntilAsync(
        async () =>
        {
            var id = Judge.Rows($"SELECT lower(CAST(uuid AS text)) FROM host WHERE name = '{agent.Host}'").Single();
            foreach (var server in Management)
            {
                try
                {
                    if (await server.Api.TryCallAsync("declareHostDown", ("id", id)) is not null) return true;
                }
                catch (ApiError) when (Status(agent) == "Down")
                {
                    // The answer of the one that was asked before is lost.
                    return true;
                }
            }

            return false;
        },
        $"{agent.Host} can be declared down",
        cancellationToken);

    /// <summary>Deletes a host's user on the broker, which closes its connection.</summary>
    public async Task RemoveUserAsync(AgentProcess agent, CancellationToken cancellationToken)
    {
        Assert.True(BusAddress.TryParse(Broker.Address, out var bus));
        using var users = new BrokerUsers(new Uri(Broker.ManagementAddress), bus);
        await UntilAsync(
            async () =>
            {
                try
                {
                    await users.DeleteAsync(agent.Host.Replace("kvm", "guid-", StringComparison.Ordinal), cancellationToken);
                    return true;
                }
                catch (HttpRequestException)
                {
                    // A broker that has just been started lets agents in before it answers here.
                    return false;
                }
            },
            $"the user of {agent.Host} is deleted",
            cancellationToken);
    }

    /// <summary>Waits until an agent has connected with the broker so often.</summary>
    public Task HasConnectedAsync(AgentProcess agent, int times, CancellationToken cancellationToken) => UntilAsync(
        () => Task.FromResult(Connections(agent) >= times), $"{agent.Host} has its user again", cancellationToken);

    /// <summary>How often an agent has connected with the broker.</summary>
    public static int Connections(AgentProcess agent) =>
        LinesOf(agent.Output).Count(line => line.Contains(": connected with amqp", StringComparison.Ordinal));

    /// <summary>How many operations are under way, at all or on one host.</summary>
    public int InFlight(string? host = null) => int.Parse(
        Judge.Rows(host is null
            ? "SELECT '' || count(*) FROM workflow WHERE NOT waiting"
            : $"SELECT '' || count(*) FROM workflow w JOIN workflow_command c ON c.workflow_id = w.id JOIN host h ON h.id = c.host_id WHERE h.name = '{host}'").Single(),
        CultureInfo.InvariantCulture);

    /// <inheritdoc cref="History.Keep"/>
    public string KeepHistory(string folder) => History.Keep(Agents.Select(agent => agent.Folder), Database.ConnectionString, folder);

    public async ValueTask DisposeAsync()
    {
        foreach (var agent in Agents) await agent.DisposeAsync();
        foreach (var server in Management) await server.DisposeAsync();
        if (Wire is not null) await Wire.DisposeAsync();
        await Broker.DisposeAsync();
        _database.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The hosts as recorded, and the last words of every process.</summary>
    public string LastSeen() => string.Join('\n', Judge
        .Rows("SELECT name || ' is ' || status FROM host ORDER BY name")
        .Concat(Management.Select((server, number) => $"management {number + 1}:\n{server.LastLines}"))
        .Concat(Agents.Select(agent => $"{agent.Host}:\n{agent.LastLines}")));

    private Task UntilAsync(Func<Task<bool>> condition, string what, CancellationToken cancellationToken) =>
        Patience.UntilAsync(condition, StartTime, LastSeen, cancellationToken, what);

    private string Status(AgentProcess agent) => Judge.Rows($"SELECT status FROM host WHERE name = '{agent.Host}'").Single();

    private async Task<string> TokenAsync(CancellationToken cancellationToken)
    {
        JObject? made = null;
        await UntilAsync(
            async () => (made = await Joining.Api.TryCallAsync(
                "createHostJoinToken", ("zone", "zone1"), ("pod", "pod1"), ("cluster", "cluster1"))) is not null,
            "management makes tokens",
            cancellationToken);
        return (string)made!["hostjointoken"]!["token"]!;
    }

    private async Task JoinAsync(AgentProcess agent, string token, CancellationToken cancellationToken) => Assert.True(
        await agent.RunToEndAsync(cancellationToken, "join", "--server", $"http://127.0.0.1:{Joining.ApiPort}", "--token", token) == 0,
        agent.Output + Joining.LastLines);

    private AgentProcess NewAgent(int number, string[] more)
    {
        var devices = string.Join(',', Enumerable.Range(0, DevicesOfHost).Select(device => $"28:00.{device}|10GE"));
        Management[0].AddHost($"kvm{number}", $"guid-{number}", devices,
        [
            "agent.data.folder=.", "simulator.stop.time=200ms", "settle.time=1s",
            .. more,
        ]);
        return new AgentProcess(Path.Combine(Management[0].DataFolder, "hosts", $"kvm{number}"), bus: "");
    }

    private static string[] LinesOf(string output) => output.Split('\n');

    [GeneratedRegex(@"^\d\d:\d\d:\d\d (ERROR|CRITICAL) ")]
    private static partial Regex ServerError();

    [GeneratedRegex("^[0-9T:.+-]+Z? (fail|crit): ")]
    private static partial Regex AgentError();
}
