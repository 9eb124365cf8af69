using System.Globalization;
using PciBus.Agent.Hypervisor;
using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Tests.Simulation.Faults;
using PciBus.Tests.Simulation.Judge;
using PciBus.Tests.Simulation.Planted;
using PciBus.Tests.Simulation.Product;

namespace PciBus.Tests.Simulation.World;

/// <summary>One or two management servers, hosts with their agents, the bus and the database between them, and the judge.</summary>
internal sealed class SimulatedCluster : IDisposable
{
    private static readonly string[] DeviceNames = ["10GE", "10GE", "10GE", "GPU", "NVME"];

    private readonly string _folder;
    private readonly Random _random;
    private readonly PlantedBug _bug;
    private readonly List<ManagementServer> _all = [];
    private readonly Truth _truth;
    private readonly SimulatedFencing _fencing;
    private bool _isStopped;

    public SimulatedCluster(int seed, PlantedBug bug, SimulationLoop loop)
    {
        (_random, _bug, Loop, Trace) = (new Random(seed), bug, loop, new Trace(loop));
        _folder = Path.Combine(
            DatabaseTemplate.Root, string.Create(CultureInfo.InvariantCulture, $"pcibus-simulation-{Environment.ProcessId}-{seed}-{Guid.NewGuid():N}"));
        Directory.CreateDirectory(_folder);
        Database = new SimulatedDatabase(Path.Combine(_folder, "pcibus.db"));
        Bus = new SimulatedBus(loop, new Random(seed + 1), Trace, Tally, Evidence, bug) { Server = PickServer };
        Hosts = [.. Enumerable.Range(1, 5 + _random.Next(4)).Select(number => MakeHost(seed, number))];
        _truth = new Truth(Hosts, Evidence.Restored, () => Invariants!.State);
        _fencing = new SimulatedFencing(loop, new Random(seed + 2), Trace, Tally, Hosts);
        Invariants = new Invariants(loop, Database, _truth, Evidence);
        Liveness = new Liveness(Database, _truth, Evidence, Hosts);
        loop.Settled = Judge;
    }

    public SimulationLoop Loop { get; }

    public Trace Trace { get; }

    public Tally Tally { get; } = new();

    public EvidenceLog Evidence { get; } = new();

    public SimulatedDatabase Database { get; }

    public SimulatedBus Bus { get; }

    public Invariants Invariants { get; }

    public Liveness Liveness { get; }

    public IReadOnlyList<HostMachine> Hosts { get; }

    /// <summary>The management servers that live.</summary>
    public IReadOnlyList<ManagementServer> Servers => [.. _all.Where(server => server is { IsDead: false, IsStarted: true })];

    /// <summary>Where a seed may keep what belongs to it.</summary>
    public string Folder => _folder;

    public void Start(int servers)
    {
        for (var number = 0; number < servers; number++) StartServer();
        foreach (var host in Hosts) Loop.After(TimeSpan.FromMilliseconds(_random.Next(3_000)), host.Start);
    }

    /// <summary>Somebody starts a domain by hand, past management.</summary>
    /// <returns>False when the host refuses it.</returns>
    public bool StartByHand(HostMachine host, VmRow vm)
    {
        if (!_truth.TryCopy(host, vm.Uuid)) return false;
        try
        {
            host.Simulator!.Create(new OutsideDomain(vm.Uuid, $"copy of {vm.Uuid}", []));
            return true;
        }
        catch (HypervisorException)
        {
            _truth.EndCopy(host, vm.Uuid);
            return false;
        }
    }

    /// <summary>Somebody ends what was started by hand, as soon as the host is there.</summary>
    public void EndByHand(HostMachine host, Guid domain)
    {
        if (host.Simulator is not { } simulator) Loop.After(TimeSpan.FromSeconds(10), () => EndByHand(host, domain));
        else if (_truth.EndCopy(host, domain)) simulator.PowerOff(domain);
    }

    public ManagementServer? PickServer()
    {
        var servers = Servers;
        return servers.Count == 0 ? null : servers[_random.Next(servers.Count)];
    }

    public void StartServer()
    {
        if (!_isStopped) MakeServer().Start();
    }

    /// <summary>An operator stops all servers: none is started until the database has been restored.</summary>
    public void StopServers()
    {
        _isStopped = true;
        foreach (var host in Hosts) host.Refused = null;
        foreach (var server in _all) server.Kill(CrashKind.Management);
    }

    /// <summary>The first start after the database was restored.</summary>
    public void StartServerRestored()
    {
        _isStopped = false;
        MakeServer().StartRestored();
    }

    public void Dispose()
    {
        SynchronizationContext.SetSynchronizationContext(null);
        foreach (var host in Hosts) host.Dispose();
        foreach (var server in _all) server.Dispose();
        _truth.Dispose();
        Database.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Another is started soon, as systemd would.</summary>
    private void ServerDied(ManagementServer server, CrashKind kind)
    {
        if (_isStopped) return;
        Tally.Count(kind);
        Loop.After(TimeSpan.FromMilliseconds(_random.Next(500, 20_000)), StartServer);
    }

    private ManagementServer MakeServer()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"mgmt{_all.Count + 1}");
        var server = new ManagementServer(name, Loop, new Random(_random.Next()), Trace, Database, Bus, _fencing, _bug, ServerDied);
        _all.Add(server);
        return server;
    }

    private HostMachine MakeHost(int seed, int number)
    {
        var guid = string.Create(CultureInfo.InvariantCulture, $"kvm{number}");
        var host = new HostMachine(Loop, Bus, Trace, (seed * 100) + number, guid, Path.Combine(_folder, guid), _random.Next(2) == 0 ? "gold" : "");
        for (var function = 0; function < 2 + _random.Next(5); function++)
        {
            host.Devices.Add(string.Create(CultureInfo.InvariantCulture, $"28:00.{function}"), DeviceNames[_random.Next(DeviceNames.Length)]);
        }

        host.WriteProperties();
        Bus.Connect(host);
        return host;
    }

    private void Judge()
    {
        var anythingMoved = _truth.Read();
        var anythingWritten = false;
        foreach (var server in _all.Where(server => server.HasCommitted))
        {
            anythingWritten = true;
            server.HasCommitted = false;
        }

        if (anythingWritten) Invariants.CheckDatabase();
        if (anythingMoved || anythingWritten) Invariants.CheckDomains();
    }
}
