using System.ComponentModel;
using System.Diagnostics;

namespace PciBus.Management.Hosts.Fencing;

/// <summary>Runs a fencing command as a process of its own, which ends with its time.</summary>
internal sealed class FencingCommand(TimeProvider time) : IFencingCommand
{
    private const int LongestLine = 200;

    /// <summary>An argument that is shorter may be part of any word.</summary>
    private const int ShortestSecret = 4;

    /// <summary>The time for the end of stderr, which a process that the command left behind may keep open.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);

    public async Task<FencingFailure?> RunAsync(FencingAttempt attempt, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var process = new Process { StartInfo = StartInfo(attempt) };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            // The message of this exception has this process's folder in it.
            return new FencingFailure("the command cannot be started", new Win32Exception(e.NativeErrorCode).Message);
        }

        process.StandardInput.Close();
        _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
        var said = LastLineAsync(process.StandardError);
        using var deadline = new CancellationTokenSource(timeout, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await process.WaitForExitAsync(end.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            return new FencingFailure($"not done within {timeout.TotalSeconds} s", null);
        }

        if (process.ExitCode == 0) return null;
        await Task.WhenAny(said, Task.Delay(LastWords, time, cancellationToken));
        return new FencingFailure($"exit code {process.ExitCode}", said.IsCompletedSuccessfully ? Shown(await said, attempt) : null);
    }

    private static ProcessStartInfo StartInfo(FencingAttempt attempt)
    {
        var info = new ProcessStartInfo(attempt.Executable, attempt.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Management's own settings have passwords in them.
        foreach (var name in info.Environment.Keys.Where(name => name.StartsWith("PCIBUS_", StringComparison.Ordinal)).ToList())
        {
            info.Environment.Remove(name);
        }

        return info;
    }

    private static async Task<string?> LastLineAsync(StreamReader reader)
    {
        string? last = null;
        while (await reader.ReadLineAsync() is { } line)
        {
            if (!string.IsNullOrWhiteSpace(line)) last = line;
        }

        return last;
    }

    /// <summary>A tool that complains of its arguments may repeat the password among them.</summary>
    private static string? Shown(string? line, FencingAttempt attempt)
    {
        if (line is null) return null;
        var values = attempt.Arguments.Select(argument => argument[(argument.IndexOf('=', StringComparison.Ordinal) + 1)..]);
        foreach (var value in values.Where(value => value.Length >= ShortestSecret).OrderByDescending(value => value.Length))
        {
            line = line.Replace(value, "***", StringComparison.Ordinal);
        }

        line = string.Concat(line.Trim().Where(letter => !char.IsControl(letter)));
        return line.Length > LongestLine ? $"{line[..LongestLine]}..." : line;
    }
}
