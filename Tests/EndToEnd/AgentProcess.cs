using PciBus.Agent.Hypervisor.Simulated;

namespace PciBus.Tests.EndToEnd;

/// <summary>The agent of one host as its operator runs it: a process of its own, on a folder with an agent.properties.</summary>
internal sealed class AgentProcess(string folder, string bus) : IAsyncDisposable
{
    private readonly TestProcess _process = new("Agent");

    /// <summary>Where it keeps what must outlive it; named after the host.</summary>
    public string Folder => folder;

    /// <summary>Name of the host.</summary>
    public string Host => Path.GetFileName(folder);

    /// <inheritdoc cref="TestProcess.Folder"/>
    public string ProgramFolder
    {
        get => _process.Folder;
        set => _process.Folder = value;
    }

    /// <inheritdoc cref="TestProcess.Output"/>
    public string Output => _process.Output;

    /// <inheritdoc cref="TestProcess.LastLines"/>
    public string LastLines => _process.LastLines;

    /// <inheritdoc cref="TestProcess.ResidentMemory"/>
    public long ResidentMemory => _process.ResidentMemory;

    /// <summary>What the environment has besides the broker's address.</summary>
    public IReadOnlyList<(string Name, string Value)> Environment { get; set; } = [];

    public void Start(params string[] arguments) => _process.Start(
        arguments.DefaultIfEmpty("run").Concat(["--properties", Path.Combine(folder, "agent.properties")]),
        [("PCIBUS_BUS_ADDRESS", bus), .. Environment]);

    /// <summary>Runs it to its end; for starts that fail, and for commands.</summary>
    /// <returns>Its exit code.</returns>
    public Task<int> RunToEndAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        Start(arguments);
        return _process.WaitForEndAsync(cancellationToken);
    }

    /// <inheritdoc cref="TestProcess.KillAsync"/>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>
    /// The power of the host is cut: the agent is killed, the domains end, also those on their way here, and the next boot is another one.
    /// </summary>
    public async Task PowerOffAsync()
    {
        await KillAsync();
        using var host = new SimulatedHost(Path.Combine(folder, "simulator"), Host, () => [], TimeProvider.System);
        host.Load();
        host.PowerOff(Guid.NewGuid().ToString());
    }

    /// <inheritdoc cref="TestProcess.Signal"/>
    public void Signal(string name) => _process.Signal(name);

    /// <summary>As systemd stops it.</summary>
    /// <returns>Its exit code.</returns>
    public Task<int> TerminateAsync(CancellationToken cancellationToken)
    {
        _process.Signal("TERM");
        return _process.WaitForEndAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
