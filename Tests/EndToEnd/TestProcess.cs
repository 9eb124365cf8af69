using System.Diagnostics;
using System.Globalization;
using System.Text;
using PciBus.Tests.Support;

namespace PciBus.Tests.EndToEnd;

/// <summary>A program of PciBus as a process of its own, which the test starts, ends and disturbs.</summary>
internal sealed class TestProcess(string program) : IAsyncDisposable
{
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(30);
    private readonly StringBuilder _output = new();
    private Process? _process;

    /// <summary>The folder that it is started from; that of the tests, unless a test wants another version.</summary>
    public string Folder { get; set; } = AppContext.BaseDirectory;

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Bytes of memory that it holds at this moment.</summary>
    public long ResidentMemory
    {
        get
        {
            _process!.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Everything it printed so far, over all its starts.</summary>
    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    /// <summary>The last lines of <see cref="Output"/>, for the message of a wait that gave up.</summary>
    public string LastLines => Patience.LastLines(Output);

    public void Start(IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        OutOfProcessAttribute.Require("processes");
        var start = new ProcessStartInfo(Path.Combine(Folder, program))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Waits for its end, and for all that it printed.</summary>
    /// <returns>Its exit code.</returns>
    /// <exception cref="TimeoutException">It goes on; the message has the last lines that it printed.</exception>
    public async Task<int> WaitForEndAsync(CancellationToken cancellationToken)
    {
        var deadline = Patience.Times(EndTime);
        try
        {
            await _process!.WaitForExitAsync(cancellationToken).WaitAsync(deadline, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{program} has not ended after {deadline}:\n{LastLines}");
        }

        var code = _process.ExitCode;
        _process.Dispose();
        _process = null;
        return code;
    }

    /// <summary>kill -9, whatever it is doing, also when it is suspended.</summary>
    public async Task KillAsync()
    {
        if (_process is null) return;
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>
    /// Sends a signal: <c>INT</c> is Ctrl-C, <c>STOP</c> suspends, <c>CONT</c> resumes. What a shell has started in the background ignores
    /// Ctrl-C, and so do the processes that it starts: <c>TERM</c> stands in.
    /// </summary>
    public void Signal(string name)
    {
        if (name == "INT" && IgnoresInterrupts()) name = "TERM";
        using var kill = Process.Start("kill", [$"-{name}", _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    private bool IgnoresInterrupts()
    {
        const string ignored = "SigIgn:";
        const ulong interrupt = 1 << 1;
        var line = File.ReadLines($"/proc/{_process!.Id}/status").First(line => line.StartsWith(ignored, StringComparison.Ordinal));
        return (ulong.Parse(line[ignored.Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) & interrupt) != 0;
    }

    private void Keep(string? line)
    {
        lock (_output) _output.AppendLine(line);
    }
}
