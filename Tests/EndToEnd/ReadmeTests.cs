using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.EndToEnd;

/// <summary>The walks of the README and of the pages it names work as printed.</summary>
[OutOfProcess]
public sealed partial class ReadmeTests : IAsyncLifetime
{
    /// <summary>What the test was built as, management is built as too.</summary>
    private static readonly string Configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));

    private readonly ManagementProcess _management = new(Path.Combine(Directory.CreateTempSubdirectory("pcibus-readme").FullName, "data"));

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _management.DisposeAsync();
        Directory.Delete(Path.GetDirectoryName(_management.DataFolder)!, recursive: true);
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/api.md")]
    [InlineData("docs/migration.md")]
    [InlineData("docs/hotplug.md")]
    public async Task The_walk_prints_what_the_page_says(string page)
    {
        await _management.StartAsync(3, TestContext.Current.CancellationToken);
        // A place that was never used before has nothing that could be out of date.
        Assert.DoesNotContain("out of date", _management.Output, StringComparison.Ordinal);
        var text = await File.ReadAllTextAsync(Path.Combine(Checkout.Root, page), TestContext.Current.CancellationToken);
        var lines = Blocks().Matches(text).SelectMany(block => block.Groups["text"].Value.TrimEnd('\n').Split('\n')).ToList();
        Assert.NotEmpty(lines);

        // Each command is echoed before it runs, so that the transcript can be compared line by line.
        var script = new StringBuilder("set -u\n");
        foreach (var command in lines.Where(line => line.StartsWith("$ ", StringComparison.Ordinal)))
        {
            script.Append("printf '%s\\n' ").Append(Quoted(command)).Append('\n').Append(command[2..]).Append('\n');
        }

        var printed = await RunAsync(script.ToString()
            .Replace("127.0.0.1:8096", $"127.0.0.1:{_management.Port}", StringComparison.Ordinal)
            .Replace("127.0.0.1:8080", $"127.0.0.1:{_management.ApiPort}", StringComparison.Ordinal));
        var expected = string.Join('\n', lines);
        var said = printed.TrimEnd('\n')
            .Replace($"127.0.0.1:{_management.Port}", "127.0.0.1:8096", StringComparison.Ordinal)
            .Replace($"127.0.0.1:{_management.ApiPort}", "127.0.0.1:8080", StringComparison.Ordinal);
        Assert.Equal(Masked(expected), Masked(said));
    }

    [Fact]
    public async Task The_first_command_keeps_its_data_in_the_folder_where_it_is_given()
    {
        var folder = Path.GetDirectoryName(_management.DataFolder)!;
        using var run = Process.Start(new ProcessStartInfo(
            "dotnet", ["run", "--no-build", "-c", Configuration, "--project", Checkout.PathOf("Management"), "--", "schema", "upgrade"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
        })!;
        var printed = await run.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await run.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(run.ExitCode == 0, printed);
        Assert.True(File.Exists(_management.Database), $"{_management.Database} is not there:\n{printed}");
    }

    private async Task<string> RunAsync(string script)
    {
        var start = new ProcessStartInfo("bash") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.WorkingDirectory = Path.GetDirectoryName(_management.DataFolder)!;
        using var bash = Process.Start(start)!;
        await bash.StandardInput.WriteAsync(script);
        bash.StandardInput.Close();
        var output = await bash.StandardOutput.ReadToEndAsync();
        var errors = await bash.StandardError.ReadToEndAsync();
        await bash.WaitForExitAsync();
        Assert.Equal("", errors);
        return output;
    }

    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string Masked(string text) => Dates().Replace(Ids().Replace(text, "ID"), "DATE");

    [GeneratedRegex("^```console\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Blocks();

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", RegexOptions.ExplicitCapture)]
    private static partial Regex Ids();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000")]
    private static partial Regex Dates();
}
