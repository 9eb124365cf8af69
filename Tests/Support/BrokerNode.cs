using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace PciBus.Tests.Support;

/// <summary>Debian's rabbitmq-server as a process of the test's own: its own node name, ports and data folder, on loopback.</summary>
internal sealed class BrokerNode : IAsyncDisposable
{
    private const string Cookie = "pcibus";
    private const int Attempts = 3;
    private const int MostNodes = 3;

    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("pcibus-broker-").FullName;
    private readonly int _port = FreePort.Next();
    private readonly int _managementPort = FreePort.Next();
    private readonly int _tlsPort = FreePort.Next();
    private readonly int _distributionPort = FreePort.Next();
    private readonly ConcurrentQueue<string> _output = [];
    private Process? _script;

    /// <summary>Certificate and key of the broker, for TLS beside plain text; null = none.</summary>
    public ServerCertificate? Certificate { get; init; }

    /// <summary>Whether it has the management plugin.</summary>
    public bool HasManagement { get; init; }

    /// <summary>Where it listens, and the other nodes of its cluster find it; each node of a cluster has an address of its own.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>Port of the nodes' name server: the same for all of a cluster.</summary>
    public int NameServerPort { get; init; } = FreePort.Next();

    /// <summary>What <c>rabbitmq.conf</c> has besides.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    public string Address => $"amqp://guest:guest@{Host}:{_port}";

    public string TlsAddress => $"amqps://guest:guest@localhost:{_tlsPort}";

    /// <summary>Of the management plugin.</summary>
    public string ManagementAddress => $"http://guest:guest@127.0.0.1:{_managementPort}";

    private string Name => $"pcibus-test-{_port}@{Host}";

    private string PidFile => Path.Combine(_folder, "pid");

    /// <summary>Installs the package when it is missing.</summary>
    /// <returns>Null, or why there is none.</returns>
    public static async Task<string?> InstallAsync()
    {
        if (BrokerProgram.IsThere) return null;
        if (BrokerProgram.Tree is { } tree) return $"{tree}, which PCIBUS_TEST_BROKER_TREE names, has no {BrokerProgram.Server}";
        return await Task.Run(() => DebianPackages.Install("rabbitmq-server"));
    }

    /// <summary>
    /// Starts the node on whatever the data folder holds, and waits until the node lets clients in. A node that ends by itself is
    /// started again: on a busy machine its name server, or the ports of the node that was killed, can be late.
    /// </summary>
    /// <exception cref="InvalidOperationException">The node ended by itself each time; the message has what it printed.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        OutOfProcessAttribute.Require("a broker");
        for (var attempt = 1; !await TryStartAsync(cancellationToken); attempt++)
        {
            if (attempt == Attempts)
            {
                throw new InvalidOperationException($"The broker on port {_port} ended by itself {attempt} times:\n{Printed()}");
            }

            Console.WriteLine($"broker: it ended by itself and is started again:\n{Printed()}");
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
        var start = BrokerProgram.Start(BrokerProgram.Control, ["--silent", "--longnames", "--node", Name, "--erlang-cookie", Cookie, .. what]);
        start.Environment["HOME"] = _folder;
        start.Environment["ERL_EPMD_PORT"] = NameServerPort.ToString(CultureInfo.InvariantCulture);
        using var tool = Process.Start(start)!;
        var output = await Task.WhenAll(tool.StandardOutput.ReadToEndAsync(), tool.StandardError.ReadToEndAsync());
        await tool.WaitForExitAsync();
        if (tool.ExitCode != 0) throw new InvalidOperationException($"rabbitmqctl {string.Join(' ', what)}: {output[1]}");
        return output[0];
    }

    /// <summary>Becomes a node of the other's cluster.</summary>
    public async Task JoinAsync(BrokerNode other)
    {
        await ControlAsync("stop_app");
        await ControlAsync("join_cluster", other.Name);
        await ControlAsync("start_app");
    }

    /// <summary>Forgets everything: users, exchanges, queues and what was in them.</summary>
    public void Wipe() => Directory.Delete(Path.Combine(_folder, "data"), recursive: true);

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        // It is started by the node and outlives it.
        using var epmd = Process.Start(BrokerProgram.Start(BrokerProgram.NameServer, "-port", NameServerPort.ToString(CultureInfo.InvariantCulture), "-kill"));
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
        await Patience.UntilAsync(
            async () => _script.HasExited || await AcceptsAsync(cancellationToken),
            StartTime,
            Printed,
            cancellationToken,
            "the broker lets clients in");
        // What else it printed is read by the time this returns.
        if (_script.HasExited) await _script.WaitForExitAsync(cancellationToken);
        return !_script.HasExited;
    }

    private string Printed() => Patience.LastLines(string.Join('\n', _output));

    private ProcessStartInfo Script()
    {
        var start = BrokerProgram.Start(BrokerProgram.Server);
        var variables = start.Environment;
        variables["HOME"] = _folder;
        variables["RABBITMQ_NODENAME"] = Name;
        variables["RABBITMQ_MNESIA_BASE"] = Path.Combine(_folder, "data");
        variables["RABBITMQ_LOG_BASE"] = Path.Combine(_folder, "log");
        variables["RABBITMQ_PID_FILE"] = PidFile;
        variables["RABBITMQ_CONFIG_FILE"] = Path.Combine(_folder, "rabbitmq.conf");
        variables["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_folder, "enabled_plugins");
        variables["RABBITMQ_DIST_PORT"] = _distributionPort.ToString(CultureInfo.InvariantCulture);
        variables["ERL_EPMD_PORT"] = NameServerPort.ToString(CultureInfo.InvariantCulture);
        variables["ERL_EPMD_ADDRESS"] = string.Join(',', Enumerable.Range(1, MostNodes).Select(n => $"127.0.0.{n}"));
        variables["RABBITMQ_USE_LONGNAME"] = "true";
        var address = $"{{{Host.Replace('.', ',')}}}";
        // Where the connection to another node comes from is where this one is, so that a filter can part them. Silence is noticed soon.
        variables["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] =
            $"-kernel inet_dist_use_interface {address} inet_dist_connect_options [{{ip,{address}}}] net_ticktime 5 -setcookie {Cookie}";
        return start;
    }

    private string Configuration()
    {
        var lines = new List<string> { $"listeners.tcp.1 = {Host}:{_port}" };
        if (HasManagement) lines.AddRange(["management.tcp.ip = 127.0.0.1", $"management.tcp.port = {_managementPort}"]);
        if (Certificate is { } certificate)
        {
            lines.AddRange(
            [
                $"listeners.ssl.1 = 127.0.0.1:{_tlsPort}", $"ssl_options.cacertfile = {certificate.Authority}",
                $"ssl_options.certfile = {certificate.File}", $"ssl_options.keyfile = {certificate.Key}",
                // Whoever connects shows a certificate of the same authority.
                "ssl_options.verify = verify_peer", "ssl_options.fail_if_no_peer_cert = false",
            ]);
        }

        return string.Join('\n', [.. lines, .. Settings]) + "\n";
    }

    private async Task<bool> AcceptsAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await new ConnectionFactory { Uri = new Uri(Address) }.CreateConnectionAsync(cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is BrokerUnreachableException or OperationInterruptedException)
        {
            // Nobody listens yet, or who listens is not ready yet.
            return false;
        }
    }
}
