using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace PciBus.Tests.EndToEnd;

/// <summary>The agent of one host as its operator runs it: a process of its own, on a folder with an agent.properties.</summary>
internal sealed class AgentProcess(string folder, string bus) : IAsyncDisposable
{
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(60);
    private readonly StringBuilder _output = new();
    private Process? _process;

    /// <summary>Everything it printed so far, over all its starts.</summary>
    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    /// <summary>Bytes of memory that it holds at this moment.</summary>
    public long ResidentMemory
    {
        get
        {
            _process!.Refresh();
            return _process.WorkingSet64;
        }
    }

    public void Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Agent"))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["PCIBUS_BUS_ADDRESS"] = bus },
        };
        foreach (var argument in arguments.DefaultIfEmpty("run").Concat(["--properties", Path.Combine(folder, "agent.properties")]))
        {
            start.ArgumentList.Add(argument);
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Runs it to its end; for starts that fail, and for commands.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> RunToEndAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        Start(arguments);
        return await EndAsync(cancellationToken);
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        if (_process is null) return;
        _process.Kill();
        await EndAsync(CancellationToken.None);
    }

    /// <summary>As systemd stops it.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> TerminateAsync(CancellationToken cancellationToken)
    {
        using var kill = Process.Start("kill", ["-TERM", _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        return await EndAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false }) await KillAsync();
    }

    private async Task<int> EndAsync(CancellationToken cancellationToken)
    {
        await _process!.WaitForExitAsync(cancellationToken).WaitAsync(EndTimeout, cancellationToken);
        var code = _process.ExitCode;
        _process.Dispose();
        _process = null;
        return code;
    }

    private void Keep(string? line)
    {
        lock (_output) _output.AppendLine(line);
    }
}
