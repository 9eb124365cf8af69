using System.Diagnostics;
using System.Formats.Tar;

namespace PciBus.Tests.Support;

/// <summary>
/// The program that was there before the newest script of <c>schema</c>: built once, from the history of the repository, into
/// <c>artifacts/earlier/COMMIT</c>.
/// </summary>
internal static class EarlierProgram
{
    private const string Scripts = "schema/postgresql";

    private const string Missing =
        "There is no earlier program: git knows of no commit here that has fewer scripts in schema; git fetch --unshallow brings it";

    private static readonly TimeSpan BuildTime = TimeSpan.FromMinutes(2);

    /// <returns>The folder of the executables, and which program it is; or null, and why there is none.</returns>
    public static async Task<(string? Folder, string What)> BuildAsync(CancellationToken cancellationToken)
    {
        if (await FindAsync(cancellationToken) is not { } commit)
        {
            return (null, Missing);
        }

        var what = (await GitAsync(cancellationToken, "log", "-1", "--format=%h %s", commit))!.Trim();
        var folder = Checkout.PathOf("artifacts", "earlier", commit);
        if (Directory.Exists(folder)) return (folder, what);
        var failure = await BuildAsync(commit, folder, cancellationToken);
        return failure is null ? (folder, what) : (null, $"The earlier program {what} cannot be built: {failure}");
    }

    /// <summary>
    /// The newest commit some of whose scripts are missing, and whose others are today's to the byte: those of a commit on the way to a
    /// version may have had other names, which no program since then knows.
    /// </summary>
    private static async Task<string?> FindAsync(CancellationToken cancellationToken)
    {
        string[] files = [.. Directory.GetFiles(Checkout.PathOf(Scripts), "*.sql").Select(file => $"{Scripts}/{Path.GetFileName(file)}")];
        if (await GitAsync(cancellationToken, ["hash-object", .. files]) is not { } hashes) return null;
        var today = LinesOf(hashes).Zip(files, (hash, file) => $"{hash}\t{file}").ToHashSet();
        var changes = await GitAsync(cancellationToken, "log", "--format=%H", "--", Scripts);
        foreach (var candidate in LinesOf(changes ?? "").Select(commit => $"{commit}^").Prepend("HEAD"))
        {
            // Mode, type, hash, tabulator, path.
            if (await GitAsync(cancellationToken, "ls-tree", candidate, $"{Scripts}/") is not { } listed) return null;
            if (listed.Length == 0 || !today.IsProperSupersetOf(LinesOf(listed).Select(line => line.Split(' ')[2]))) continue;
            return (await GitAsync(cancellationToken, "rev-parse", candidate))!.Trim();
        }

        return null;
    }

    /// <returns>Null, or why it failed.</returns>
    private static async Task<string?> BuildAsync(string commit, string folder, CancellationToken cancellationToken)
    {
        var sources = Directory.CreateTempSubdirectory("pcibus-earlier-").FullName;
        try
        {
            var archive = Path.Combine(sources, "sources.tar");
            await GitAsync(cancellationToken, "archive", "--output", archive, commit);
            await TarFile.ExtractToDirectoryAsync(archive, sources, overwriteFiles: false, cancellationToken);
            foreach (var project in new[] { "Management", "Agent" })
            {
                string[] publish = ["publish", project, "-c", "Release", "-v", "q", "-nologo", "-o", $"{folder}.part"];
                var (code, output) = await RunAsync(
                    "dotnet", [.. publish, "-p:NuGetAudit=false", "--disable-build-servers"], sources, cancellationToken);
                if (code != 0) return Patience.LastLines(output);
            }

            // What was cut off in the middle is not taken for a program.
            Directory.Move($"{folder}.part", folder);
            return null;
        }
        finally
        {
            Directory.Delete(sources, recursive: true);
        }
    }

    private static string[] LinesOf(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <returns>What it printed; null when it failed, also for the want of a repository or of git.</returns>
    private static async Task<string?> GitAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        try
        {
            var (code, output) = await RunAsync("git", arguments, Checkout.Root, cancellationToken);
            return code == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static async Task<(int Code, string Output)> RunAsync(
        string program, string[] arguments, string folder, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken)
                .WaitAsync(Patience.Times(BuildTime), cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, process.ExitCode == 0 ? output : output + await error);
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
