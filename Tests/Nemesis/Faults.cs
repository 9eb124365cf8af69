using System.Globalization;
using Xunit;

namespace PciBus.Tests.Nemesis;

/// <summary>Disturbs a cluster, one process at a time, and prints what it hit.</summary>
internal sealed class Faults(Cluster cluster, Random random, CancellationToken cancellationToken)
{
    private static readonly TimeSpan Suspension = TimeSpan.FromSeconds(20);
    private readonly List<(FaultKind Kind, int InFlight)> _struck = [];

    public IReadOnlyList<(FaultKind Kind, int InFlight)> Struck => _struck;

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

    private Task StrikeAsync(FaultKind kind)
    {
        var server = cluster.Management[random.Next(cluster.Management.Count)];
        var agent = cluster.Agents[random.Next(cluster.Agents.Count)];
        return kind switch
        {
            FaultKind.KillManagement => StrikeAsync(kind, null, server.KillAsync, () => Done(() => server.Launch())),
            FaultKind.SuspendManagement => StrikeAsync(kind, null, () => Done(() => server.Signal("STOP")), () => Done(() => server.Signal("CONT"))),
            FaultKind.KillAgent => StrikeAsync(kind, Path.GetFileName(agent.Folder), agent.KillAsync, () => Done(() => agent.Start())),
            FaultKind.SuspendAgent => StrikeAsync(
                kind, Path.GetFileName(agent.Folder), () => Done(() => agent.Signal("STOP")), () => Done(() => agent.Signal("CONT"))),
            FaultKind.KillBroker => StrikeAsync(kind, null, cluster.Broker.KillAsync, () => cluster.Broker.StartAsync(cancellationToken)),
            FaultKind.SuspendBroker => StrikeAsync(
                kind, null, () => Done(() => cluster.Broker.Signal("STOP")), () => Done(() => cluster.Broker.Signal("CONT"))),
        };
    }

    /// <summary>Waits for a moment at which it hits something, a while and no longer.</summary>
    private async Task StrikeAsync(FaultKind kind, string? host, Func<Task> strike, Func<Task> mend)
    {
        for (var i = 0; i < 100 && cluster.InFlight(host) == 0; i++) await PauseAsync(TimeSpan.FromMilliseconds(50));
        await strike();
        _struck.Add((kind, cluster.InFlight(host)));
        await PauseAsync(kind is FaultKind.KillManagement or FaultKind.KillAgent or FaultKind.KillBroker
            ? TimeSpan.FromMilliseconds(random.Next(500, 4000))
            : Suspension);
        await mend();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{_struck.Count,2}. {kind} {host}: {_struck[^1].InFlight} operations were under way"));
    }

    private static Task Done(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    private Task PauseAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System, cancellationToken);
}
