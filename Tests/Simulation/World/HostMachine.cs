using System.Text.Json;
using PciBus.Agent;
using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Agent.Registration;
using PciBus.Agent.Setup;

namespace PciBus.Tests.Simulation.World;

/// <summary>A KVM host: its files and clock, which outlive its agent, and the agent that runs on it now.</summary>
internal sealed class HostMachine : IManagementLink, IDisposable
{
    private readonly SimulationLoop _loop;
    private readonly SimulatedBus _bus;
    private readonly Trace _trace;
    private readonly Random _random;
    private readonly string _folder;
    private readonly string _tags;
    private AgentNode? _node;
    private SimulatedHypervisor? _simulator;
    private Task _leaving = Task.CompletedTask;

    public HostMachine(SimulationLoop loop, SimulatedBus bus, Trace trace, int seed, string guid, string folder, string tags)
    {
        (_loop, _bus, _trace, _random, Guid, _folder, _tags) = (loop, bus, trace, new Random(seed), guid, folder, tags);
        Says = guid;
        Clock = new VirtualClock(loop) { Ticked = () => MayHaveChanged = true };
        Directory.CreateDirectory(folder);
    }

    /// <summary>Which machine it is, whatever its agent says.</summary>
    public string Guid { get; }

    /// <summary>The guid in its agent.properties: another for as long as somebody has made a mistake.</summary>
    public string Says { get; private set; }

    /// <summary>When management refused what it announced last; null when it has not since the database was set back.</summary>
    public DateTimeOffset? Refused { get; set; }

    public VirtualClock Clock { get; }

    /// <summary>Something ran on it since this was last set to false.</summary>
    public bool MayHaveChanged { get; set; } = true;

    public bool IsAlive => _node is not null;

    /// <summary>The hypervisor's control; null while the agent, in which the simulator lives, is dead.</summary>
    public SimulatedHypervisor? Simulator => _node is null ? null : _simulator;

    /// <summary>How often its agent forgot what it had done: each time one repeat may be carried out again.</summary>
    public int JournalsLost { get; private set; }

    public int Reboots { get; private set; }

    public long Session => _node?.Session.Number ?? 0;

    public string AttachmentsPath => Path.Combine(_folder, "data", "simulator", "attachments.log");

    public string DomainFolder => Path.Combine(_folder, "data", "simulator", "domains");

    /// <summary>Domains that a migration has left here or is bringing here, and that do not run.</summary>
    public IReadOnlyList<Guid> Halted =>
    [
        .. new[] { DomainFolder, Path.Combine(_folder, "data", "simulator", "incoming") }
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.json"))
            .Select(file => JsonSerializer.Deserialize<SimulatedDomain>(File.ReadAllText(file), SimulatorJson.Options)!)
            .Where(domain => domain is { Incoming: true } or { Suspended: true, Outgoing: null })
            .Select(domain => domain.Uuid)
            .Order(),
    ];

    /// <summary>The entries of pci.devices, by address.</summary>
    public SortedDictionary<string, string> Devices { get; } = new(StringComparer.Ordinal);

    public void WriteProperties() => File.WriteAllLines(PropertiesPath,
    [
        $"guid={Says}",
        $"host.tags={_tags}",
        "hypervisor.type=simulated",
        "agent.data.folder=data",
        "agent.journal.sync=false",
        "agent.properties.poll=5s",
        "simulator.memory=16GiB",
        $"pci.devices={string.Join(',', Devices.Select(pair => $"{pair.Key}|{pair.Value}"))}",
    ]);

    public void Start()
    {
        if (_node is not null) return;
        if (!_leaving.IsCompleted)
        {
            _loop.After(TimeSpan.FromSeconds(5), Start);
            return;
        }

        _trace.Add(Guid, "the agent starts");
        _node = NewNode();
        _loop.Spawn(() => _node.StartAsync(CancellationToken.None));
        MayHaveChanged = true;
    }

    /// <summary>The agent says good-bye.</summary>
    public void Leave()
    {
        if (_node is not { } node) return;
        _trace.Add(Guid, "the agent is stopped");
        _node = null;
        var left = new TaskCompletionSource();
        _leaving = left.Task;
        _loop.Spawn(async () =>
        {
            await node.StopAsync(CancellationToken.None);
            left.SetResult();
        });
        MayHaveChanged = true;
    }

    /// <summary>Its agent, which does not run, will say that it is another host.</summary>
    public void Become(string guid)
    {
        _trace.Add(Guid, $"its agent.properties says {guid}");
        Says = guid;
        WriteProperties();
    }

    public void Kill()
    {
        _trace.Add(Guid, "the agent is killed");
        _node?.Kill();
        _node = null;
        MayHaveChanged = true;
    }

    /// <summary>All domains are gone, the agent too, and the next boot has another id.</summary>
    public void Reboot()
    {
        _trace.Add(Guid, "the host reboots");
        Reboots++;
        Simulator?.RebootHost(NewGuid());
        Kill();
    }

    /// <summary>All domains are gone, whether its agent runs or not.</summary>
    public void PowerOff()
    {
        if (_node is null)
        {
            // The simulator lives in the agent: this one says nothing to anybody.
            _node = NewNode();
            _ = Simulator!.OpenAsync(CancellationToken.None);
        }

        Reboot();
    }

    public void LoseJournal()
    {
        JournalsLost++;
        File.Delete(Path.Combine(_folder, "data", "journal.jsonl"));
    }

    /// <summary>A queue ends with its agent: what comes then is lost.</summary>
    public async Task ReceiveAsync(object message)
    {
        MayHaveChanged = true;
        try
        {
            if (_node is { } node) await node.ReceiveAsync(message, CancellationToken.None);
        }
        catch (IOException e)
        {
            // The endpoint gives up such a message; management asks again.
            _trace.Add(Guid, $"  {MessageText.Of(message)} is given up: {e.Message}");
        }

        MayHaveChanged = true;
    }

    public Task SendAsync(object message, CancellationToken cancellationToken) => _bus.ToManagementAsync(message, this);

    public void Dispose() => _node?.Kill();

    private string PropertiesPath => Path.Combine(_folder, "agent.properties");

    private AgentNode NewNode()
    {
        var (file, log) = (AgentPropertiesFile.Open(PropertiesPath, Clock), new TraceLogger(_trace, Guid));
        _simulator = HostSetup.Simulated(file, Clock, log, NewGuid);
        return new AgentNode(file, _simulator, _simulator, this, Clock, log, NewGuid);
    }

    private Guid NewGuid()
    {
        var bytes = new byte[16];
        _random.NextBytes(bytes);
        return new Guid(bytes);
    }
}
