using System.Diagnostics;
using Npgsql;
using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;

namespace PciBus.Tests.Nemesis;

/// <summary>
/// What a run has left: the hosts' own logs, and the database. A run that failed is kept in <c>artifacts/nemesis/SEED</c>;
/// <c>PCIBUS_HISTORY=FOLDER</c> has it judged again.
/// </summary>
internal static class History
{
    private const string Log = "attachments.log";

    /// <param name="hosts">Folders of the simulated hosts, named after them.</param>
    /// <returns>What to do with it, for people.</returns>
    public static string Keep(IEnumerable<string> hosts, string connectionString, string folder)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        foreach (var host in hosts)
        {
            var source = Path.Combine(host, "simulator", Log);
            if (!File.Exists(source)) continue;
            var target = Directory.CreateDirectory(Path.Combine(folder, "hosts", Path.GetFileName(host), "simulator")).FullName;
            File.Copy(source, Path.Combine(target, Log));
        }

        Run("pg_dump", connectionString, ["--no-owner", "--file", Path.Combine(folder, "database.sql")]);
        return $"the history is kept: PCIBUS_HISTORY={folder} Tests/run Nemesis judges it again";
    }

    /// <param name="database">An empty one, which it is loaded into.</param>
    public static Judge Open(string folder, TestDatabase database)
    {
        Run("psql", database.Options.ConnectionString, ["--quiet", "--output", "/dev/null", "--file", Path.Combine(folder, "database.sql")]);
        return new Judge(Directory.GetDirectories(Path.Combine(folder, "hosts")), database.Connect);
    }

    private static void Run(string program, string connectionString, string[] arguments)
    {
        var place = new NpgsqlConnectionStringBuilder(connectionString);
        var start = new ProcessStartInfo(Path.Combine(LocalPostgreSql.FindOrInstall() ?? "", program), arguments) { RedirectStandardError = true };
        (start.Environment["PGHOST"], start.Environment["PGPORT"], start.Environment["PGUSER"], start.Environment["PGDATABASE"], start.Environment["PGPASSWORD"]) =
            (place.Host, $"{place.Port}", place.Username, place.Database, place.Password);
        using var process = Process.Start(start)!;
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {said}");
    }
}
