using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Management.Workflows.MigrateVirtualMachine;
using PciBus.Tests.Simulation.Judge;
using PciBus.Tests.Simulation.World;

namespace PciBus.Tests.Simulation.Faults;

/// <summary>What goes wrong with one migration: with what its source does, and then with what one of its sides says of it.</summary>
internal sealed class MigrationTrouble(SimulatedCluster cluster, Random random)
{
    /// <summary>Longer than a command may take, so that its deadline passes.</summary>
    private const int ShortestSilence = 130;

    private const int LongestSilence = 300;

    /// <summary>Not those that nothing but a restart of libvirtd ends.</summary>
    private static readonly MigrationFault[] Failing =
        [.. Enum.GetValues<MigrationFault>().Where(one => one is not (MigrationFault.None or MigrationFault.AbortHangs))];

    /// <summary>Two next migrations from a host go wrong.</summary>
    public void FailMigrations(HostMachine host)
    {
        if (host.Simulator is not { } simulator) return;
        Note(host, Fault.MigrationFails);
        simulator.Faults = simulator.Faults with { Migrations = [Failing[random.Next(Failing.Length)], Failing[random.Next(Failing.Length)]] };
        cluster.Loop.After(TimeSpan.FromSeconds(random.Next(60, 200)), () => simulator.Faults = simulator.Faults with { Migrations = [] });
    }

    /// <summary>A virtual machine is about to migrate: that fails, or one of both sides falls silent over it, or both.</summary>
    public void Begin(VmRow vm)
    {
        if (Host(vm.Host) is not { } source) return;
        var fails = random.Next(3) > 0;
        if (fails) FailMigrations(source);
        if (!fails || random.Next(3) > 0) SilenceWhenMigrating(source, vm.Id, looks: 100);
    }

    private void SilenceWhenMigrating(HostMachine source, long vmId, int looks)
    {
        // From then on nothing goes wrong any more.
        if (!cluster.Bus.IsFaulty || looks == 0) return;
        var state = cluster.Invariants.State;
        var vm = state.Vms.FirstOrDefault(vm => vm.Id == vmId);
        var step = state.Workflows.FirstOrDefault(workflow => workflow.Id == vm?.WorkflowId)?.Step;
        if (vm?.State != "Migrating" || step != nameof(MigrateStep.Migrating))
        {
            cluster.Loop.After(TimeSpan.FromMilliseconds(200), () => SilenceWhenMigrating(source, vmId, looks - 1));
            return;
        }

        var side = random.Next(3) == 0 ? source : Host(vm.Host);
        var time = TimeSpan.FromSeconds(random.Next(ShortestSilence, LongestSilence));
        var answers = random.Next(2) == 0;
        cluster.Loop.After(TimeSpan.FromMilliseconds(random.Next(4_000)), () =>
        {
            if (side is not { IsAlive: true } || !cluster.Bus.IsFaulty) return;
            if (answers) Blind(side, time);
            else Silence(side, time);
        });
    }

    /// <summary>Its agent is gone; what libvirt has begun goes on.</summary>
    private void Silence(HostMachine host, TimeSpan time)
    {
        Note(host, Fault.SideOfMigrationSilent);
        host.Kill();
        cluster.Loop.After(time, host.Start);
    }

    /// <summary>Its agent is there, and cannot tell what the host has.</summary>
    private void Blind(HostMachine host, TimeSpan time)
    {
        if (host.Simulator is not { } simulator) return;
        Note(host, Fault.SideOfMigrationBlind);
        simulator.Faults = simulator.Faults with { Unreachable = true };
        cluster.Loop.After(time, () => simulator.Faults = simulator.Faults with { Unreachable = false });
    }

    private HostMachine? Host(string? guid) => cluster.Hosts.FirstOrDefault(host => host.Guid == guid);

    private void Note(HostMachine host, Fault fault)
    {
        cluster.Tally.Count(fault);
        cluster.Trace.Add(host.Guid, $"!! {fault}");
    }
}
