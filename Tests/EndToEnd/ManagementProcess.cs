using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PciBus.Tests.EndToEnd;

/// <summary>Management as an operator runs it: a process of its own, on a data folder and a port of the test's own.</summary>
internal sealed class ManagementProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private readonly StringBuilder _output = new();
    private Process? _process;

    private readonly int _pingInterval;
    private readonly string? _bus;

    /// <param name="pingInterval">Seconds between pings; short, so that reports cross everything else.</param>
    /// <param name="bus">The broker; null = simulated hosts in the process.</param>
    public ManagementProcess(string dataFolder, int pingInterval = 1, string? bus = null)
    {
        _bus = bus;
        _pingInterval = pingInterval;
        DataFolder = dataFolder;
        Api = new ApiClient($"http://127.0.0.1:{Port}/client/api");
    }

    public string DataFolder { get; }

    public int Port { get; } = FreePort();

    /// <summary>Where calls are signed.</summary>
    public int ApiPort { get; } = FreePort();

    public ApiClient Api { get; }

    /// <summary>Of every start.</summary>
    public List<string> Arguments { get; } = [];

    public string Database => Path.Combine(DataFolder, "pcibus.db");

    /// <summary>Everything it printed so far, over all its starts.</summary>
    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

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
                if (_process!.HasExited) throw new InvalidOperationException($"Management ended by itself:\n{Output}");
                return await Api.TryCallAsync("listHosts", ("state", "Up")) is { } answer
                    && (answer["host"]?.Count() ?? 0) == hosts;
            },
            StartTimeout,
            () => $"{hosts} hosts did not come up:\n{Output}",
            cancellationToken);
    }

    /// <summary>Runs it to its end; for starts that fail.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> RunToEndAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        Launch(arguments);
        await _process!.WaitForExitAsync(cancellationToken).WaitAsync(StartTimeout, cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Runs one of its commands, without the settings of a server.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> ExecuteAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        Start(arguments);
        await _process!.WaitForExitAsync(cancellationToken).WaitAsync(StartTimeout, cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        if (_process is null) return;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Ctrl-C.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> InterruptAsync(CancellationToken cancellationToken)
    {
        using var kill = Process.Start("kill", ["-INT", _process!.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync(cancellationToken).WaitAsync(StartTimeout, cancellationToken);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false }) await KillAsync();
        Api.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Launch(params string[] arguments) => Start(
    [
        "--data-folder", DataFolder, "--setting", $"integration.api.port={Port}",
        "--setting", $"api.port={ApiPort}", "--setting", $"ping.interval={_pingInterval}",
        "--setting", "check.interval=1", .. Arguments, .. arguments,
    ]);

    private void Start(string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Management"))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (_bus is not null) start.Environment["PCIBUS_BUS_ADDRESS"] = _bus;
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void Keep(string? line)
    {
        lock (_output) _output.AppendLine(line);
    }
}
