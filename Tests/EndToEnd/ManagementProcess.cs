using PciBus.Tests.Support;

namespace PciBus.Tests.EndToEnd;

/// <summary>Management as an operator runs it: a process of its own, on a data folder and a port of the test's own.</summary>
internal sealed class ManagementProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private readonly TestProcess _process = new("Management");
    private readonly int _pingInterval;
    private readonly string? _bus;

    /// <param name="pingInterval">Seconds between pings; short, so that reports cross everything else.</param>
    /// <param name="bus">The broker; null = simulated hosts in the process.</param>
    /// <param name="apiTimeout">Seconds after which it counts as not answering.</param>
    public ManagementProcess(string dataFolder, int pingInterval = 1, string? bus = null, int apiTimeout = 60)
    {
        _bus = bus;
        _pingInterval = pingInterval;
        DataFolder = dataFolder;
        Api = new ApiClient($"http://127.0.0.1:{Port}/client/api", apiTimeout);
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

    /// <inheritdoc cref="TestProcess.Output"/>
    public string Output => _process.Output;

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

    /// <summary>Starts it, and waits until it answers and that many hosts are Up.</summary>
    public async Task StartAsync(int hosts, CancellationToken cancellationToken)
    {
        Launch();
        await Condition.BecomesTrueAsync(
            async () =>
            {
                if (!_process.IsRunning) throw new InvalidOperationException($"Management ended by itself:\n{Output}");
                return await Api.TryCallAsync("listHosts", ("state", "Up")) is { } answer
                    && (answer["host"]?.Count() ?? 0) == hosts;
            },
            StartTimeout,
            () => $"{hosts} hosts did not come up:\n{Output}",
            cancellationToken);
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
