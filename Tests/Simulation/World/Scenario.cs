using PciBus.Contracts.PciDevices;
using PciBus.Tests.Simulation.Faults;
using PciBus.Tests.Simulation.Judge;
using PciBus.Tests.Simulation.Product;

namespace PciBus.Tests.Simulation.World;

/// <summary>What is done to a cluster, and what goes wrong meanwhile: all of it follows from the seed.</summary>
internal sealed class Scenario(SimulatedCluster cluster, Random random, Restoration restoration)
{
    private const int Operations = World.Operations.Fewest;
    private const int Crashes = 7;
    private const int HostFaults = 9;

    private readonly Operations _operations = new(cluster, random);

    /// <summary>When faults stop.</summary>
    public DateTimeOffset End { get; private set; }

    public void Begin()
    {
        cluster.Start(servers: random.Next(3) == 0 ? 2 : 1);
        var length = TimeSpan.FromSeconds(Operations * random.Next(4, 7));
        End = cluster.Loop.Now + TimeSpan.FromSeconds(10) + length;
        At(10_000, 10_000, () => cluster.Bus.IsFaulty = true);
        // Many an operation is several; what is still missing comes before the end.
        for (var i = 0; i < Operations * 2 / 3; i++) Sometime(length, _operations.Next);
        for (var i = 0; i < Operations; i++) cluster.Loop.After(length - TimeSpan.FromMilliseconds(i * 500), _operations.NextIfTooFew);
        for (var i = 0; i < Crashes + random.Next(3); i++) Sometime(length, Crash);
        for (var i = 0; i < HostFaults + random.Next(5); i++) Sometime(length, Strike);
        restoration.Begin(End - cluster.Loop.Now);
        cluster.Loop.After(End - cluster.Loop.Now, Repair);
    }

    private void Crash()
    {
        var kinds = Enum.GetValues<CrashKind>();
        var kind = random.Next(4) == 0 ? CrashKind.Agent : kinds[random.Next(kinds.Length)];
        switch (kind)
        {
            case CrashKind.Agent or CrashKind.HostReboot or CrashKind.HostDeath:
                if (PickHost() is { } host) CrashHost(host, kind);
                else if (cluster.Loop.Now < End) cluster.Loop.After(TimeSpan.FromSeconds(5), Crash);
                break;
            default:
                if (cluster.PickServer() is { IsDoomed: false } server) CrashServer(server, kind);
                else if (cluster.Loop.Now < End) cluster.Loop.After(TimeSpan.FromSeconds(5), Crash);
                break;
        }
    }

    private void CrashServer(ManagementServer server, CrashKind kind)
    {
        if (kind == CrashKind.Management) server.Kill(kind);
        else server.ArmCrash(kind);
        // Should it never come to that place.
        cluster.Loop.After(TimeSpan.FromSeconds(40), () => server.Kill(kind));
    }

    private void CrashHost(HostMachine host, CrashKind kind)
    {
        cluster.Tally.Count(kind);
        if (kind == CrashKind.Agent) host.Kill();
        else host.Reboot();
        if (random.Next(4) == 0)
        {
            cluster.Tally.Count(Fault.JournalLost);
            cluster.Trace.Add(host.Guid, "!! its journal is lost");
            host.LoseJournal();
        }

        var takesLong = kind == CrashKind.HostDeath || random.Next(4) == 0;
        var isLeftToFencing = kind == CrashKind.HostDeath && random.Next(2) == 0;
        cluster.Loop.After(
            TimeSpan.FromSeconds(isLeftToFencing ? random.Next(120, 300) : takesLong ? random.Next(60, 200) : random.Next(1, 20)), host.Start);
        if (kind == CrashKind.HostDeath && !isLeftToFencing) _operations.Hosts.DeclareDownUntilItIsBack(host);
    }

    /// <summary>Something goes wrong at a host, best at one that a workflow waits for.</summary>
    private void Strike()
    {
        if (PickHost() is not { Simulator: { } simulator } host)
        {
            cluster.Loop.After(TimeSpan.FromSeconds(5), Strike);
            return;
        }

        var plan = simulator.Faults;
        switch (random.Next(17))
        {
            case 0:
                Note(host, Fault.StartFails);
                simulator.Faults = plan with { FailStarts = 1 + random.Next(2) };
                break;
            case 1:
                Note(host, Fault.StartHangs);
                simulator.Faults = plan with { HangStarts = 1 };
                cluster.Loop.After(TimeSpan.FromSeconds(random.Next(20, 300)), () => simulator.Faults = simulator.Faults with { HangStarts = 0 });
                break;
            case 2:
                Note(host, Fault.StartDisconnects);
                simulator.Faults = plan with { DisconnectStarts = 1 };
                break;
            case 3:
                Note(host, Fault.GuestIgnoresStop);
                simulator.Faults = plan with { IgnoreShutdown = true };
                cluster.Loop.After(TimeSpan.FromSeconds(100), () => simulator.Faults = simulator.Faults with { IgnoreShutdown = false });
                break;
            case 4 when host.Devices.Count > 0:
                Note(host, Fault.DeviceNotClean);
                simulator.Faults = plan with { NotClean = [PciAddress.Parse(Pick([.. host.Devices.Keys]))] };
                cluster.Loop.After(TimeSpan.FromSeconds(120), () => simulator.Faults = simulator.Faults with { NotClean = [] });
                break;
            case 5:
                Note(host, Fault.HypervisorUnreachable);
                simulator.Faults = plan with { Unreachable = true };
                cluster.Loop.After(TimeSpan.FromSeconds(random.Next(5, 90)), () => simulator.Faults = simulator.Faults with { Unreachable = false });
                break;
            case 6:
                Note(host, Fault.ClockSkewed);
                host.Clock.Skew = TimeSpan.FromMinutes(random.Next(2) == 0 ? 10 : -10);
                break;
            case 7 when cluster.PickServer() is { } server:
                cluster.Tally.Count(Fault.RelayFrozen);
                cluster.Trace.Add(server.Name, "!! its relay is frozen");
                server.FrozenUntil = cluster.Loop.Now + TimeSpan.FromSeconds(random.Next(10, 240));
                break;
            case 8:
                PowerOff(host);
                break;
            case 9:
                Reinstall(host);
                break;
            case 10:
                Swap(host);
                break;
            case 11:
                CopyDomain(host);
                break;
            case 12:
                Note(host, Fault.GuestKeepsDevices);
                simulator.Faults = plan with { UnwillingPercent = 70, Seed = random.Next(1_000_000) };
                cluster.Loop.After(TimeSpan.FromSeconds(random.Next(60, 200)), () => simulator.Faults = simulator.Faults with { UnwillingPercent = 0 });
                break;
            case 13:
                Note(host, Fault.AttachFails);
                simulator.Faults = plan with { FailAttaches = random.Next(1, 3) };
                break;
            case 14:
                Note(host, Fault.AttachDisconnects);
                simulator.Faults = plan with { DisconnectAttaches = 1 };
                break;
            case 15 when host.Devices.Count > 0:
                Eject(host);
                break;
            default:
                _operations.Trouble.FailMigrations(host);
                break;
        }
    }

    private void CopyDomain(HostMachine host)
    {
        var state = cluster.Invariants.State;
        var vms = state.Vms.Where(vm => vm is { State: "Running" or "Stopped", WorkflowId: null } && vm.Host != host.Guid && !Has(vm)).ToList();
        // Before the command that starts it there has come.
        var arriving = state.Vms.Where(vm => vm.State == "Starting" && vm.Host == host.Guid).ToList();
        if (arriving.Count > 0 && random.Next(2) == 0) vms = arriving;
        if (vms.Count == 0 || Pick(vms) is not { } vm || !cluster.StartByHand(host, vm))
        {
            cluster.Loop.After(TimeSpan.FromSeconds(2), Strike);
            return;
        }

        Note(host, Fault.DomainCopied);
        cluster.Loop.After(TimeSpan.FromSeconds(random.Next(60, 300)), () => cluster.EndByHand(host, vm.Uuid));
        // What the host has shown it cannot list for a while, or it is away; somebody who misses the virtual machine starts it then.
        var isAway = random.Next(2) == 0;
        cluster.Loop.After(TimeSpan.FromSeconds(random.Next(5, 20)), isAway ? host.Leave : () => SetReachable(host, false));
        cluster.Loop.After(TimeSpan.FromSeconds(random.Next(25, 60)), () => _operations.Start(vm.Id));
        cluster.Loop.After(TimeSpan.FromSeconds(random.Next(60, 80)), isAway ? host.Start : () => SetReachable(host, true));

        bool Has(VmRow vm) => state.Devices.Any(device => device.Owner == vm.Id && device.Host == host.Guid)
            || state.Hosts.Any(one => one.Guid == host.Guid && one.Takers.Contains(vm.Id));
    }

    /// <summary>It announces itself with another guid until somebody puts it right; meanwhile an operator takes it for off.</summary>
    private void Reinstall(HostMachine host)
    {
        if (host.Says != host.Guid) return;
        Note(host, Fault.HostReinstalled);
        Rename((host, $"{host.Guid}-new"));
        _operations.Hosts.DeclareDownWhileRefused(host);
    }

    private void Swap(HostMachine host)
    {
        var others = cluster.Hosts.Where(one => one != host && one.IsAlive && one.Says == one.Guid).ToList();
        if (host.Says != host.Guid || others.Count == 0) return;
        var other = Pick(others);
        Note(host, Fault.MachinesSwapped);
        Rename((host, other.Guid), (other, host.Guid));
    }

    private void Rename(params (HostMachine Host, string Guid)[] hosts)
    {
        foreach (var (host, _) in hosts) host.Leave();
        cluster.Loop.After(TimeSpan.FromSeconds(random.Next(5, 20)), () => Become(hosts));
        cluster.Loop.After(TimeSpan.FromSeconds(random.Next(100, 300)), () => Become([.. hosts.Select(one => (one.Host, one.Host.Guid))]));
    }

    private static void Become(IReadOnlyList<(HostMachine Host, string Guid)> hosts)
    {
        foreach (var (host, _) in hosts) host.Kill();
        foreach (var (host, guid) in hosts) host.Become(guid);
        foreach (var (host, _) in hosts) host.Start();
    }

    private static void SetReachable(HostMachine host, bool isReachable)
    {
        if (host.Simulator is { } simulator) simulator.Faults = simulator.Faults with { Unreachable = !isReachable };
    }

    /// <summary>A device leaves a domain, and nobody had asked.</summary>
    private void Eject(HostMachine host)
    {
        var owners = cluster.Invariants.State.Vms.ToDictionary(vm => vm.Id, vm => vm.Uuid);
        var owned = cluster.Invariants.State.Devices.Where(device => device.Host == host.Guid && device.Owner is { } owner && owners.ContainsKey(owner)).ToList();
        if (owned.Count == 0) return;
        var device = Pick(owned);
        if (!host.Simulator!.Eject(owners[device.Owner!.Value], device.Address)) return;
        host.MayHaveChanged = true;
        Note(host, Fault.DeviceEjected);
    }

    private void PowerOff(HostMachine host)
    {
        var domains = cluster.Invariants.State.Vms.Where(vm => vm.Host == host.Guid && vm.State is "Running" or "Starting" or "Stopping").ToList();
        if (domains.Count == 0 || !host.Simulator!.PowerOff(Pick(domains).Uuid))
        {
            cluster.Loop.After(TimeSpan.FromSeconds(2), Strike);
            return;
        }

        Note(host, Fault.PoweredOffInside);
    }

    /// <summary>Faults stop and everybody is back; what is still under way comes late all the same.</summary>
    private void Repair()
    {
        cluster.Trace.Add("operator", "from here on nothing goes wrong any more");
        cluster.Bus.IsFaulty = false;
        cluster.Loop.After(TimeSpan.FromMinutes(5), _operations.Hosts.EndHalted);
        Become([.. cluster.Hosts.Where(host => host.Says != host.Guid).Select(host => (host, host.Guid))]);
        foreach (var host in cluster.Hosts)
        {
            host.Start();
            host.Clock.Skew = TimeSpan.Zero;
            if (host.Simulator is { } simulator) simulator.Faults = new();
            cluster.Loop.After(TimeSpan.FromSeconds(random.Next(60, 300)), () => _operations.Hosts.CancelMaintenance(host.Guid));
        }
    }

    private HostMachine? PickHost()
    {
        var alive = cluster.Hosts.Where(host => host.IsAlive).ToList();
        var busy = cluster.Invariants.State.Workflows.Select(workflow => workflow.AwaitingHost).ToHashSet();
        var awaited = alive.Where(host => busy.Contains(host.Guid)).ToList();
        return awaited.Count > 0 && random.Next(4) > 0 ? Pick(awaited) : alive.Count > 0 ? Pick(alive) : null;
    }

    private void Note(HostMachine host, Fault fault)
    {
        cluster.Tally.Count(fault);
        cluster.Trace.Add(host.Guid, $"!! {fault}");
    }

    private T Pick<T>(List<T> items) => items[random.Next(items.Count)];

    private void Sometime(TimeSpan within, Action action) => At(10_000, 10_000 + (int)within.TotalMilliseconds, action);

    private void At(int from, int to, Action action) => cluster.Loop.After(TimeSpan.FromMilliseconds(random.Next(from, to + 1)), action);
}
