using PciBus.Tests.Simulation.Faults;
using PciBus.Tests.Simulation.World;

namespace PciBus.Tests.Simulation.Product;

/// <summary>
/// In some seeds an operator takes a backup, and later stops the servers, puts it in the place of the database and starts
/// them again; then looks which domains the database does not know, and ends them.
/// </summary>
internal sealed class Restoration(SimulatedCluster cluster, Random random)
{
    private const int OneSeedIn = 4;

    /// <summary>By then what was under way in the servers has ended, with its transactions.</summary>
    private static readonly TimeSpan Stopped = TimeSpan.FromSeconds(10);

    private string Backup => Path.Combine(cluster.Folder, "backup.db");

    /// <param name="length">How long faults go on.</param>
    public void Begin(TimeSpan length)
    {
        if (random.Next(OneSeedIn) > 0) return;
        var taken = length * (0.1 + (0.5 * random.NextDouble()));
        var restored = taken + ((length - taken) * (0.1 + (0.9 * random.NextDouble())));
        cluster.Loop.After(taken, () =>
        {
            cluster.Trace.Add("operator", "** a backup is taken");
            cluster.Database.BackUp(Backup);
        });
        cluster.Loop.After(restored, Stop);
    }

    private void Stop()
    {
        cluster.Tally.Count(Fault.DatabaseRestored);
        cluster.Trace.Add("operator", "!! the servers are stopped, and the database is set back to the backup");
        var servers = Math.Max(1, cluster.Servers.Count);
        cluster.StopServers();
        cluster.Loop.After(Stopped, () =>
        {
            cluster.Database.Restore(Backup);
            cluster.Invariants.Restored();
            cluster.StartServerRestored();
            for (var more = 1; more < servers; more++) cluster.Loop.After(Stopped, cluster.StartServer);
            cluster.Loop.After(TimeSpan.FromSeconds(random.Next(30, 180)), EndUnknown);
        });
    }

    /// <summary>As with virsh: the product touches nothing that it does not know.</summary>
    private void EndUnknown()
    {
        foreach (var (guid, domain) in cluster.Evidence.Restored.Unknown.OrderBy(one => one).ToList())
        {
            var host = cluster.Hosts.Single(host => host.Guid == guid);
            if (host.Simulator?.PowerOff(domain) != true) continue;
            cluster.Trace.Add("operator", $"** ends the domain {domain} on {guid}");
            host.MayHaveChanged = true;
        }

        cluster.Loop.After(TimeSpan.FromSeconds(30), EndUnknown);
    }
}
