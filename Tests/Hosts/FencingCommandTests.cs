using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using PciBus.Management.Hosts.Fencing;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Hosts;

/// <summary>Real executables, each a script of the test's own.</summary>
[OutOfProcess]
public sealed class FencingCommandTests : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);
    private readonly FakeTimeProvider _time = new();
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;
    private readonly string _folder = Directory.CreateTempSubdirectory("pcibus-fencing").FullName;
    private readonly FencingCommand _command;

    public FencingCommandTests() => _command = new FencingCommand(_time);

    [Fact]
    public async Task Exit0_IsFenced_AndArgumentsComeAsTheyAre()
    {
        var script = Script("""printf '%s\n' "$@" > "$(dirname "$0")/arguments"; cat; printenv PCIBUS_BUS_ADDRESS && exit 9; exit 0""");
        Environment.SetEnvironmentVariable("PCIBUS_BUS_ADDRESS", "amqp://user:password@broker.example/");
        try
        {
            Assert.Null(await RunAsync(script, Long, "off", "$(touch nothing)", "a b;c", ""));
        }
        finally
        {
            Environment.SetEnvironmentVariable("PCIBUS_BUS_ADDRESS", null);
        }

        Assert.Equal(["off", "$(touch nothing)", "a b;c", ""], await File.ReadAllLinesAsync(Path.Combine(_folder, "arguments"), _token));
    }

    [Fact]
    public async Task AnotherExitCode_IsAFailure_WithTheLastLineThatItSaid()
    {
        var script = Script("echo first >&2; echo 'on stdout'; echo 'no answer from the BMC' >&2; echo >&2; exit 3");

        Assert.Equal(new FencingFailure("exit code 3", "no answer from the BMC"), await RunAsync(script, Long));
    }

    [Fact]
    public async Task PasswordAmongTheArguments_IsNotRepeated_AndALongLineIsCut()
    {
        var script = Script("""echo "bad option --password=$2 of $1 $(printf 'x%.0s' $(seq 500))" >&2; exit 1""");

        var failure = await RunAsync(script, Long, "--user=operator", "s3cret");

        Assert.StartsWith("bad option --password=*** of --user=*** xxx", failure!.Said, StringComparison.Ordinal);
        Assert.InRange(failure.Said!.Length, 200, 203);
    }

    [Fact]
    public async Task CommandThatHangs_IsEnded_WithAllThatItBegan()
    {
        var script = Script("""sleep 600 & echo $! > "$(dirname "$0")/child"; wait""");

        var running = RunAsync(script, Long);
        var file = Path.Combine(_folder, "child");
        await Patience.UntilAsync(
            () => File.Exists(file) && File.ReadAllText(file).EndsWith('\n'),
            Soon,
            () => $"File.Exists: {File.Exists(file)}",
            _token,
            "the script has begun a child");
        _time.Advance(Long);

        Assert.Equal(new FencingFailure("not done within 60 s", null), await running);
        var child = int.Parse(await File.ReadAllTextAsync(file, _token), CultureInfo.InvariantCulture);
        await Patience.UntilAsync(() => !IsRunning(child), Soon, () => $"process {child} runs on", _token);
    }

    [Fact]
    public async Task CommandThatLeavesAProcessBehind_IsNotWaitedFor()
    {
        var script = Script("""sleep 600 & echo $! > "$(dirname "$0")/child"; exit 4""");
        var running = RunAsync(script, TimeSpan.FromDays(1));
        await Patience.UntilAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return running.IsCompleted;
            },
            Soon,
            () => $"{running.Status}",
            _token,
            "the command has ended");

        Assert.Equal("exit code 4", (await running)!.What);
        using var left = Process.GetProcessById(int.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, "child"), _token), CultureInfo.InvariantCulture));
        left.Kill();
    }

    [Fact]
    public async Task CommandThatIsNotThere_IsAFailure() => Assert.Equal(
        new FencingFailure("the command cannot be started", "No such file or directory"), await RunAsync(Path.Combine(_folder, "nothing"), Long));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Task<FencingFailure?> RunAsync(string executable, TimeSpan timeout, params string[] arguments) =>
        _command.RunAsync(new FencingAttempt(1, "kvm1", 1, null, executable, arguments), timeout, _token);

    private string Script(string text)
    {
        var path = Path.Combine(_folder, "fence");
        File.WriteAllText(path, $"#!/bin/sh\n{text}\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    private static bool IsRunning(int id)
    {
        // A zombie has ended, whoever has not noticed yet.
        var path = $"/proc/{id}/stat";
        try
        {
            return !File.ReadAllText(path).Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
