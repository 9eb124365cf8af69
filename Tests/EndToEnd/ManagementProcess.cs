using Newtonsoft.Json.Linq;
using PciBus.Tests.Support;

namespace PciBus.Tests.EndToEnd;

/// <summary>Management as an operator runs it: a process of its own, on a data folder and a port of the test's own.</summary>
internal sealed class ManagementProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(30);
    private readonly TestProcess _process = new("Management");
    private readonly int _pingInterval;
    private readonly string? _bus;

    /// <param name="pingInterval">Seconds between pings; short, so that reports cross everything else.</param>
    /// <param name="bus">The broker; null = simulated hosts in the process.</param>
    /// <param name="apiTimeout">Time after which it counts as not answering; null = <see cref="ApiClient"/>'s own.</param>
    public ManagementProcess(string dataFolder, int pingInterval = 1, string? bus = null, TimeSpan? apiTimeout = null)
    {
        _bus = bus;
        _pingInterval = pingInterval;
        DataFolder = dataFolder;
        Api = NewClient(apiTimeout);
    }

    public string DataFolder { get; }

    public int Port { get; } = FreePort.Next();

    /// <summary>Where calls are signed.</summary>
    public int ApiPort { get; } = FreePort.Next();

    public ApiClient Api { get; }

    /// <summary>Of every start.</summary>
    public List<string> Arguments { get; } = [];

    /// <summary>Of every start, beside the address of the broker.</summary>
    public List<(string Name, string Value)> Environment { get; } = [];

    public string Database => Path.Combine(DataFolder, "pcibus.db");

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

    /// <summary>Writes the agent.properties of a host of this test, in place of those that come with PciBus.</summary>
    public void AddHost(string name, string guid, string pciDevices, params string[] more)
    {
        var folder = Directory.CreateDirectory(Path.Combine(DataFolder, "hosts", name)).FullName;
        string[] lines =
        [
            $"guid={guid}", $"name={name}", "zone=zone1", "pod=pod1", "cluster=cluster1", "hypervisor.type=simulated",
            "simulator.cpus=64", "simulator.memory=256GiB", $"pci.devices={pciDevices}", .. more,
        ];
        File.WriteAllLines(Path.Combine(folder, "agent.properties"), lines);
    }

    /// <summary>A further client of its API.</summary>
    /// <param name="timeout">Time after which it counts as not answering; null = <see cref="ApiClient"/>'s own.</param>
    public ApiClient NewClient(TimeSpan? timeout = null) => new($"http://127.0.0.1:{Port}/client/api", timeout);

    /// <summary>Starts it, and waits until it answers and that many hosts are Up.</summary>
    public async Task StartAsync(int hosts, CancellationToken cancellationToken)
    {
        Launch();
        JObject? answer = null;
        await Patience.UntilAsync(
            async () =>
            {
                if (!_process.IsRunning) throw new InvalidOperationException($"Management ended by itself:\n{Output}");
                answer = await Api.CallAsync("listHosts", ("state", "Up"));
                return (answer["host"]?.Count() ?? 0) == hosts;
            },
            StartTime,
            () => $"{answer}\n{LastLines}",
            cancellationToken,
            $"{hosts} hosts are up");
    }

    /// <summary>Runs it to its end; for starts that fail.</summary>
    /// <returns>Its exit code.</returns>
    public Task<int> RunToEndAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        Launch(arguments);
        return _process.WaitForEndAsync(cancellationToken);
    }

    /// <summary>Runs one of its commands, without the settings of a server.</summary>
    /// <returns>Its exit code.</returns>
    public Task<int> ExecuteAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        Start(arguments);
        return _process.WaitForEndAsync(cancellationToken);
    }

    /// <summary>Starts it and waits for nothing.</summary>
    public void Launch(params string[] arguments) => Start(
    [
        "--data-folder", DataFolder, "--setting", $"integration.api.port={Port}",
        "--setting", $"api.port={ApiPort}", "--setting", $"ping.interval={_pingInterval}",
        "--setting", "check.interval=1",
        // Tests that are about who may speak say otherwise.
        "--setting", "host.admission=open", .. Arguments, .. arguments,
    ]);

    /// <inheritdoc cref="TestProcess.KillAsync"/>
    public Task KillAsync() => _process.KillAsync();

    /// <inheritdoc cref="TestProcess.Signal"/>
    public void Signal(string name) => _process.Signal(name);

    /// <summary>Ctrl-C.</summary>
    /// <returns>Its exit code.</returns>
    public Task<int> InterruptAsync(CancellationToken cancellationToken)
    {
        _process.Signal("INT");
        return _process.WaitForEndAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Api.Dispose();
    }

    private void Start(string[] arguments) => _process.Start(
        arguments, _bus is null ? [.. Environment] : [("PCIBUS_BUS_ADDRESS", _bus), .. Environment]);
}
