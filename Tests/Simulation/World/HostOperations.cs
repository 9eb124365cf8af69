using PciBus.Agent.Hypervisor;
using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Management.Hosts.Maintenance;
using PciBus.Tests.Simulation.Product;

namespace PciBus.Tests.Simulation.World;

/// <summary>What operators ask for that is about hosts.</summary>
internal sealed class HostOperations(SimulatedCluster cluster, Random random)
{
    /// <summary>Asks for something.</summary>
    public void Next(ManagementServer server)
    {
        var host = cluster.Hosts[random.Next(cluster.Hosts.Count)].Guid;
        if (random.Next(4) == 0)
        {
            Tell("reconnect host", host);
            server.Do("reconnect host", one => one.Transactions.RunAsync(
                (ClusterOperator @operator) => @operator.ReconnectAsync(host), CancellationToken.None));
            return;
        }

        if (random.Next(3) == 0)
        {
            SetMaintenance(server, host);
            return;
        }

        var enabled = random.Next(3) > 0;
        Tell(enabled ? "enable host" : "disable host", host);
        server.Do("set host", one => one.Transactions.RunAsync(
            (ClusterOperator @operator) => @operator.SetHostAsync(host, enabled), CancellationToken.None));
    }

    private void SetMaintenance(ManagementServer server, string host)
    {
        var strategies = Enum.GetValues<PciStrategy>();
        var strategy = strategies[random.Next(strategies.Length)];
        Tell("prepare host", $"{host} {strategy}");
        server.Do("prepare host", one => one.Transactions.RunAsync(
            (ClusterOperator @operator) => @operator.PrepareAsync(host, strategy), refusal => refusal is null, CancellationToken.None));
        cluster.Loop.After(TimeSpan.FromSeconds(random.Next(20, 400)), () => CancelMaintenance(host));
    }

    /// <summary>Until it is no longer in maintenance: a host that waits for others might do so for ever.</summary>
    public void CancelMaintenance(string host)
    {
        if (!cluster.Invariants.State.Hosts.Any(row => row.Guid == host && row.IsInMaintenance)) return;
        if (cluster.PickServer() is { } server)
        {
            Tell("cancel maintenance", host);
            server.Do("cancel maintenance", one => one.Transactions.RunAsync(
                (ClusterOperator @operator) => @operator.CancelMaintenanceAsync(host), refusal => refusal is null, CancellationToken.None));
        }

        cluster.Loop.After(TimeSpan.FromSeconds(30), () => CancelMaintenance(host));
    }

    /// <summary>
    /// As with virsh: nothing lets a domain go on that a migration has left paused, where that is all that is left of its virtual machine,
    /// or where a restored database does not know it. Anything else that is left of a migration management ends itself.
    /// </summary>
    public void EndHalted()
    {
        foreach (var (host, domain) in cluster.Hosts.SelectMany(host => host.Halted.Select(domain => (host, domain))).ToList())
        {
            var vm = cluster.Invariants.State.Vms.FirstOrDefault(vm => vm.Uuid == domain);
            var isAll = vm is { State: "Running", WorkflowId: null } && vm.Host == host.Guid;
            if ((!isAll && !cluster.Evidence.Restored.Happened) || host.Simulator is not { } simulator) continue;
            Tell("end paused", $"{domain} on {host.Guid}");
            cluster.Loop.Spawn(() => EndAsync(host, simulator, domain));
        }

        cluster.Loop.After(TimeSpan.FromSeconds(60), EndHalted);
    }

    private static async Task EndAsync(HostMachine host, SimulatedHypervisor simulator, Guid domain)
    {
        try
        {
            await simulator.DestroyAsync(domain, CancellationToken.None);
        }
        catch (HypervisorException)
        {
            // It has ended, or gone on, in this moment.
        }

        host.MayHaveChanged = true;
    }

    /// <summary>Refused until management has noticed that the host is away.</summary>
    public void DeclareDownUntilItIsBack(HostMachine host)
    {
        cluster.Loop.After(TimeSpan.FromSeconds(random.Next(5, 20)), () =>
        {
            if (host.IsAlive) return;
            Tell("declare down", host.Guid);
            if (cluster.PickServer() is { } server)
            {
                server.Do("declare down", one => one.Transactions.RunAsync(
                    (ClusterOperator @operator) => @operator.DeclareDownAsync(host.Guid), CancellationToken.None));
            }

            DeclareDownUntilItIsBack(host);
        });
    }

    /// <summary>An operator takes a host for off whose machine announces itself with another guid.</summary>
    public void DeclareDownWhileRefused(HostMachine host)
    {
        cluster.Loop.After(TimeSpan.FromSeconds(random.Next(10, 30)), () =>
        {
            if (host.Says == host.Guid) return;
            if (host.Refused is { } refused && cluster.Loop.Now - refused < TimeSpan.FromMinutes(2) && cluster.PickServer() is { } server)
            {
                Tell("declare down", host.Guid);
                server.Do("declare down", one => one.Transactions.RunAsync(
                    (ClusterOperator @operator) => @operator.DeclareDownAsync(host.Guid), CancellationToken.None));
            }

            DeclareDownWhileRefused(host);
        });
    }

    private void Tell(string what, string text)
    {
        cluster.Tally.Count(what);
        cluster.Trace.Add("operator", $"** {what}: {text}");
    }
}
