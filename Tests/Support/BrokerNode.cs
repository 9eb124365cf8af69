using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using PciBus.Tests.EndToEnd;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace PciBus.Tests.Support;

/// <summary>Debian's rabbitmq-server as a process of the test's own: its own node name, ports and data folder, on loopback.</summary>
internal sealed class BrokerNode : IAsyncDisposable
{
    /// <summary>The package's inner script: the one on the path changes the user and drops the settings.</summary>
    private const string Server = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    private const string Control = "/usr/lib/rabbitmq/bin/rabbitmqctl";
    private const string Cookie = "pcibus";
    private const int Attempts = 3;
    private const int LinesShown = 40;

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan InstallTimeout = TimeSpan.FromMinutes(5);

    private readonly string _folder = Directory.CreateTempSubdirectory("pcibus-broker-").FullName;
    private readonly int _port = FreePort.Next();
    private readonly int _managementPort = FreePort.Next();
    private readonly int _tlsPort = FreePort.Next();
    private readonly int _distributionPort = FreePort.Next();
    private readonly int _epmdPort = FreePort.Next();
    private readonly ConcurrentQueue<string> _output = [];
    private Process? _script;

    /// <summary>Certificate and key of the broker, for TLS beside plain text; null = none.</summary>
    public ServerCertificate? Certificate { get; init; }

    /// <summary>Whether it has the management plugin.</summary>
    public bool HasManagement { get; init; }

    public string Address => $"amqp://guest:guest@127.0.0.1:{_port}";

    public string TlsAddress => $"amqps://guest:guest@localhost:{_tlsPort}";

    /// <summary>Of the management plugin.</summary>
    public string ManagementAddress => $"http://guest:guest@127.0.0.1:{_managementPort}";

    private string Name => $"pcibus-test-{_port}@localhost";

    private string PidFile => Path.Combine(_folder, "pid");

    /// <summary>Installs the package when it is missing.</summary>
    /// <returns>Null, or why there is none.</returns>
    public static async Task<string?> InstallAsync()
    {
        if (File.Exists(Server)) return null;
        if (Environment.UserName != "root") return "rabbitmq-server is not installed, and only root can install it";
        if (!File.Exists("/usr/bin/apt-get")) return "rabbitmq-server is not installed, and this is no Debian";
        using var apt = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "apt-get update && apt-get install -y --no-install-recommends rabbitmq-server"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DEBIAN_FRONTEND"] = "noninteractive" },
        })!;
        var output = Task.WhenAll(apt.StandardOutput.ReadToEndAsync(), apt.StandardError.ReadToEndAsync());
        await apt.WaitForExitAsync().WaitAsync(InstallTimeout);
        return File.Exists(Server) ? null : $"rabbitmq-server could not be installed: {(await output)[1]}";
    }

    /// <summary>
    /// Starts it, with whatever the data folder holds, and waits until it lets clients in. One that ends by itself is started
    /// again: on a machine that is busy, what the node needs first (its name server, a port of the one that was killed) can come late.
    /// </summary>
    /// <exception cref="InvalidOperationException">It ended by itself each time; with what it printed.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; !await TryStartAsync(cancellationToken); attempt++)
        {
            var printed = string.Join('\n', _output.TakeLast(LinesShown));
            if (attempt == Attempts) throw new InvalidOperationException($"The broker on port {_port} ended by itself {attempt} times:\n{printed}");
            Console.WriteLine($"broker: it ended by itself and is started again:\n{printed}");
            await KillAsync();
        }
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        if (_script is null) return;
        if (File.Exists(PidFile) && int.TryParse(await File.ReadAllTextAsync(PidFile), CultureInfo.InvariantCulture, out var pid)) KillProcess(pid);
        _script.Kill(entireProcessTree: true);
        await _script.WaitForExitAsync();
        _script.Dispose();
        _script = null;
    }

    /// <summary>Sends the Erlang machine a signal: <c>STOP</c> suspends, <c>CONT</c> resumes.</summary>
    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", File.ReadAllText(PidFile).Trim()]);
        kill.WaitForExit();
    }

    /// <summary>How many lines the broker's own tool lists.</summary>
    /// <param name="filter">What a line must contain to count.</param>
    /// <param name="what">A command of rabbitmqctl, with its columns.</param>
    public async Task<int> CountAsync(string filter, params string[] what) =>
        (await ControlAsync(what)).Split('\n').Count(line => line.Contains(filter, StringComparison.Ordinal));

    /// <summary>Runs the broker's own tool.</summary>
    /// <param name="what">A command of rabbitmqctl.</param>
    /// <returns>What it printed.</returns>
    public async Task<string> ControlAsync(params string[] what)
    {
        using var tool = Process.Start(new ProcessStartInfo(Control, ["--silent", "--node", Name, "--erlang-cookie", Cookie, .. what])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["HOME"] = _folder, ["ERL_EPMD_PORT"] = _epmdPort.ToString(CultureInfo.InvariantCulture) },
        })!;
        var output = await Task.WhenAll(tool.StandardOutput.ReadToEndAsync(), tool.StandardError.ReadToEndAsync());
        await tool.WaitForExitAsync();
        if (tool.ExitCode != 0) throw new InvalidOperationException($"rabbitmqctl {string.Join(' ', what)}: {output[1]}");
        return output[0];
    }

    /// <summary>Forgets everything: users, exchanges, queues and what was in them.</summary>
    public void Wipe() => Directory.Delete(Path.Combine(_folder, "data"), recursive: true);

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        // It is started by the node and outlives it.
        using var epmd = Process.Start(new ProcessStartInfo("epmd", ["-port", _epmdPort.ToString(CultureInfo.InvariantCulture), "-kill"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
        await epmd!.WaitForExitAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static void KillProcess(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            process.Kill();
            process.WaitForExit();
        }
        catch (ArgumentException)
        {
            // It has ended.
        }
    }

    /// <returns>False when it ended by itself.</returns>
    private async Task<bool> TryStartAsync(CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "rabbitmq.conf"), Configuration(), cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_folder, "enabled_plugins"), HasManagement ? "[rabbitmq_management].\n" : "[].\n", cancellationToken);
        File.Delete(PidFile);
        _output.Clear();
        _script = new Process { StartInfo = Script() };
        _script.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _script.ErrorDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _script.Start();
        _script.BeginOutputReadLine();
        _script.BeginErrorReadLine();
        await Condition.BecomesTrueAsync(
            async () => _script.HasExited || await AcceptsAsync(cancellationToken),
            StartTimeout,
            () => "the broker lets nobody in",
            cancellationToken);
        // What else it printed is read by the time this returns.
        if (_script.HasExited) await _script.WaitForExitAsync(cancellationToken);
        return !_script.HasExited;
    }

    private ProcessStartInfo Script() => new(Server)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment =
        {
            ["HOME"] = _folder,
            ["RABBITMQ_NODENAME"] = Name,
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(_folder, "data"),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(_folder, "log"),
            ["RABBITMQ_PID_FILE"] = PidFile,
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(_folder, "rabbitmq.conf"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_folder, "enabled_plugins"),
            ["RABBITMQ_DIST_PORT"] = _distributionPort.ToString(CultureInfo.InvariantCulture),
            ["ERL_EPMD_PORT"] = _epmdPort.ToString(CultureInfo.InvariantCulture),
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = $"-kernel inet_dist_use_interface {{127,0,0,1}} -setcookie {Cookie}",
        },
    };

    private string Configuration()
    {
        var lines = new List<string> { $"listeners.tcp.1 = 127.0.0.1:{_port}" };
        if (HasManagement) lines.AddRange(["management.tcp.ip = 127.0.0.1", $"management.tcp.port = {_managementPort}"]);
        if (Certificate is { } certificate)
        {
            lines.AddRange(
            [
                $"listeners.ssl.1 = 127.0.0.1:{_tlsPort}", $"ssl_options.cacertfile = {certificate.Authority}",
                $"ssl_options.certfile = {certificate.File}", $"ssl_options.keyfile = {certificate.Key}",
                // Whoever connects shows a certificate of the same authority.
                "ssl_options.verify = verify_peer", "ssl_options.fail_if_no_peer_cert = true",
            ]);
        }

        return string.Join('\n', lines) + "\n";
    }

    private async Task<bool> AcceptsAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await new ConnectionFactory { Uri = new Uri(Address) }.CreateConnectionAsync(cancellationToken);
            return true;
        }
        catch (BrokerUnreachableException)
        {
            return false;
        }
    }
}
