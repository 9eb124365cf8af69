using System.Globalization;
using PciBus.Tests.EndToEnd;
using Xunit;

namespace PciBus.Tests.Nemesis;

/// <summary>Disturbs a cluster, one process or host at a time, and prints what it hit.</summary>
internal sealed class Faults(NemesisCluster cluster, Residents residents, Random random, CancellationToken cancellationToken)
{
    private static readonly TimeSpan Suspension = TimeSpan.FromSeconds(20);
    private readonly List<(FaultKind Kind, int InFlight)> _struck = [];

    public IReadOnlyList<(FaultKind Kind, int InFlight)> Struck => _struck;

    /// <summary>How many hosts without power were declared down before they were back.</summary>
    public int DeclaredDown { get; private set; }

    /// <summary>Each kind so many times, in an order that the seed decides.</summary>
    public async Task RunAsync(int timesEach)
    {
        var kinds = Enumerable.Range(0, timesEach).SelectMany(_ => Enum.GetValues<FaultKind>()).ToArray();
        random.Shuffle(kinds);
        foreach (var kind in kinds)
        {
            await PauseAsync(TimeSpan.FromMilliseconds(random.Next(1000, 5000)));
            await StrikeAsync(kind);
        }
    }

    private async Task StrikeAsync(FaultKind kind)
    {
        var server = Pick(cluster.Management);
        var agent = await BusyAsync(kind == FaultKind.PowerOffHost ? residents.Hosts() : cluster.Agents);
        var connected = NemesisCluster.Connections(agent);
        await (kind switch
        {
            FaultKind.KillManagement => StrikeAsync(kind, null, server.KillAsync, () => AfterAsync(Soon(), () => server.Launch())),
            FaultKind.SuspendManagement => StrikeAsync(
                kind, null, () => Done(() => server.Signal("STOP")), () => AfterAsync(Suspension, () => server.Signal("CONT"))),
            FaultKind.KillAgent => StrikeAsync(kind, agent, agent.KillAsync, () => AfterAsync(Soon(), () => agent.Start())),
            FaultKind.SuspendAgent => StrikeAsync(
                kind, agent, () => Done(() => agent.Signal("STOP")), () => AfterAsync(Suspension, () => agent.Signal("CONT"))),
            FaultKind.KillBroker => StrikeAsync(kind, null, cluster.Broker.KillAsync, async () =>
            {
                await PauseAsync(Soon());
                await cluster.Broker.StartAsync(cancellationToken);
            }),
            FaultKind.SuspendBroker => StrikeAsync(
                kind, null, () => Done(() => cluster.Broker.Signal("STOP")), () => AfterAsync(Suspension, () => cluster.Broker.Signal("CONT"))),
            FaultKind.AgentAway => StrikeAsync(kind, agent, agent.KillAsync, async () =>
            {
                await cluster.HostIsAsync("Alert", agent, cancellationToken);
                await AfterAsync(Soon(), () => agent.Start());
            }),
            FaultKind.PowerOffHost => StrikeAsync(kind, agent, agent.PowerOffAsync, () => DeclareDownAsync(agent)),
            FaultKind.RemoveUser => StrikeAsync(
                kind, agent, () => cluster.RemoveUserAsync(agent, cancellationToken), () => cluster.HasConnectedAsync(agent, connected + 1, cancellationToken)),
        });
    }

    /// <summary>Waits for a host at which something is hit, a while and no longer.</summary>
    private async Task<AgentProcess> BusyAsync(IReadOnlyList<AgentProcess> agents)
    {
        var inOrder = agents.ToArray();
        random.Shuffle(inOrder);
        for (var i = 0; i < 100; i++)
        {
            if (Array.Find(inOrder, agent => cluster.InFlight(agent.Host) > 0) is { } busy) return busy;
            await PauseAsync(TimeSpan.FromMilliseconds(50));
        }

        return inOrder[0];
    }

    private async Task StrikeAsync(FaultKind kind, AgentProcess? agent, Func<Task> strike, Func<Task> mend)
    {
        var clock = TimeProvider.System.GetTimestamp();
        await strike();
        _struck.Add((kind, cluster.InFlight(agent?.Host)));
        await mend();
        Tell($"{_struck.Count,2}. {kind} {agent?.Host}: {_struck[^1].InFlight} operations were under way; {TimeProvider.System.GetElapsedTime(clock).TotalSeconds:0} s");
    }

    /// <summary>As an operator does who sees that the host is off; now and then while somebody switches it on again.</summary>
    private async Task DeclareDownAsync(AgentProcess agent)
    {
        var there = residents.On(agent);
        await cluster.HostIsAsync("Alert", agent, cancellationToken);
        var isRaced = random.Next(3) == 0;
        if (isRaced) await AfterAsync(TimeSpan.Zero, () => agent.Start());
        await PauseAsync(TimeSpan.FromMilliseconds(random.Next(3000)));
        try
        {
            await cluster.DeclareDownAsync(agent, cancellationToken);
            DeclaredDown++;
        }
        catch (ApiError refusal) when (isRaced)
        {
            Tell($"    {refusal.Text}");
            residents.MayBeStopped(there);
        }

        if (!isRaced) await AfterAsync(TimeSpan.FromMilliseconds(random.Next(2000, 12_000)), () => agent.Start());
    }

    private T Pick<T>(IReadOnlyList<T> items) => items[random.Next(items.Count)];

    private TimeSpan Soon() => TimeSpan.FromMilliseconds(random.Next(500, 4000));

    private async Task AfterAsync(TimeSpan time, Action action)
    {
        await PauseAsync(time);
        action();
    }

    private static Task Done(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    private static void Tell(FormattableString line) =>
        TestContext.Current.TestOutputHelper?.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    private Task PauseAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System, cancellationToken);
}
