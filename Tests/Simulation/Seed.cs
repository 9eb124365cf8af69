using System.Globalization;
using PciBus.Tests.Simulation.Judge;
using PciBus.Tests.Simulation.Planted;
using PciBus.Tests.Simulation.Product;
using PciBus.Tests.Simulation.World;

namespace PciBus.Tests.Simulation;

/// <summary>One run of a cluster, wholly decided by its number.</summary>
internal static class Seed
{
    public static SeedResult Run(int seed, PlantedBug? bug = null)
    {
        var before = SynchronizationContext.Current;
        var loop = new SimulationLoop();
        SynchronizationContext.SetSynchronizationContext(loop);
        bug ??= PlantedBug.None;
        using var cluster = new SimulatedCluster(seed, bug, loop);
        Exception? failure = null;
        try
        {
            Play(cluster, new Random(seed), new Restoration(cluster, new Random(seed + 3)));
        }
        catch (Exception e) when (e is InvariantViolationException or SimulationFailedException)
        {
            failure = e is SimulationFailedException { InnerException: InvariantViolationException inner } ? inner : e;
        }

        cluster.Tally.Ended(loop.Elapsed);
        SynchronizationContext.SetSynchronizationContext(before);
        return new SeedResult(seed, bug.Name, failure, cluster.Trace, cluster.Tally);
    }

    private static void Play(SimulatedCluster cluster, Random random, Restoration restoration)
    {
        var loop = cluster.Loop;
        var scenario = new Scenario(cluster, random, restoration);
        scenario.Begin();
        loop.Run(scenario.End, () => false);

        var deadline = loop.Now + Liveness.Patience;
        var unsettled = "";
        while (loop.Now < deadline && unsettled is not null)
        {
            loop.Run(loop.Now + TimeSpan.FromSeconds(30), () => false);
            unsettled = cluster.Bus.Pending > 0 ? "messages are under way" : cluster.Liveness.Unsettled();
        }

        if (unsettled is not null)
        {
            throw new InvariantViolationException(
                string.Create(CultureInfo.InvariantCulture, $"All settles within {Liveness.Patience.TotalMinutes} minutes"), unsettled);
        }

        cluster.Liveness.CheckForGood();
    }
}
