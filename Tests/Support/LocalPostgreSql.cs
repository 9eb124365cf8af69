using System.Diagnostics;
using Npgsql;

namespace PciBus.Tests.Support;

/// <summary>
/// Debian's PostgreSQL, started by hand on loopback with a port and a data folder of its own; installed when it is missing
/// and this is root. It ends, and its data goes, with the test process, however that ends.
/// </summary>
internal static class LocalPostgreSql
{
    private const string Run = """
        set -eu
        bin=$1 folder=$2 port=$3 as=$4 durable=$5
        as_user() { if [ -n "$as" ]; then runuser -u "$as" -- "$@"; else "$@"; fi; }
        as_user "$bin/initdb" --wal-segsize=4 -D "$folder/data" -U pcibus -A trust -E UTF8 --locale=C.UTF-8 -N >"$folder/log" 2>&1
        as_user "$bin/postgres" -D "$folder/data" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
            -c fsync=$durable -c synchronous_commit=$durable -c full_page_writes=$durable -c max_connections=300 -c shared_buffers=128MB \
            -c wal_level=minimal -c max_wal_senders=0 -c max_wal_size=128MB -c min_wal_size=32MB -c deadlock_timeout=200ms \
            -c jit=off </dev/null >>"$folder/log" 2>&1 &
        postgres=$!
        cat >/dev/null
        kill -QUIT $(head -n 1 "$folder/data/postmaster.pid") || true
        wait $postgres || true
        rm -rf "$folder"
        """;

    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(30);
    private static Process? _process;

    /// <summary>
    /// Set before the first use: the server writes to the disk at each commit, as in production. Else it does not, and what it has lies
    /// in memory where the machine has such a place.
    /// </summary>
    public static bool IsDurable { get; set; }

    public const string NotThere = "There is no PostgreSQL, and it could not be installed: set PCIBUS_TEST_POSTGRESQL, or install the package postgresql";

    /// <returns>The folder of its programs; null when there is none.</returns>
    public static string? FindOrInstall()
    {
        if (FindBinaries() is { } binaries) return binaries;
        if (!Environment.IsPrivilegedProcess) return null;
        Install();
        return FindBinaries();
    }

    /// <returns>How to reach it, or why not.</returns>
    public static (string? ConnectionString, string What) Start()
    {
        if (FindOrInstall() is not { } binaries) return (null, NotThere);
        var folder = !IsDurable && Directory.Exists("/dev/shm")
            ? Directory.CreateDirectory($"/dev/shm/pcibus-postgresql-{Guid.NewGuid():N}").FullName
            : Directory.CreateTempSubdirectory("pcibus-postgresql-").FullName;
        // initdb refuses to be root; the package made this user.
        var user = Environment.IsPrivilegedProcess ? "postgres" : "";
        if (user.Length > 0) RunToEnd("chown", user, folder);
        var port = FreePort.Next();
        _process = Process.Start(new ProcessStartInfo("bash", ["-c", Run, "postgresql", binaries, folder, $"{port}", user, IsDurable ? "on" : "off"])
        {
            // Its end, when this process is gone, is what it waits for.
            RedirectStandardInput = true,
            WorkingDirectory = "/",
        })!;
        PostgreSqlServer.AtExit(() => _process.StandardInput.Close());
        var connectionString = $"Host=127.0.0.1;Port={port};Username=pcibus";
        return Answers(connectionString)
            ? (connectionString, $"{binaries}/postgres, started on port {port}")
            : (null, $"{binaries}/postgres did not start; {folder}/log tells why");
    }

    private static string? FindBinaries() => Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin"))
            .Where(bin => File.Exists(Path.Combine(bin, "initdb")))
            .Order(StringComparer.Ordinal).LastOrDefault()
        : null;

    private static void Install()
    {
        // No cluster of Debian's own.
        Directory.CreateDirectory("/etc/postgresql-common");
        File.WriteAllText("/etc/postgresql-common/createcluster.conf", "create_main_cluster = false\n");
        DebianPackages.Install("postgresql");
    }

    private static void RunToEnd(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
    }

    private static bool Answers(string connectionString)
    {
        var began = Stopwatch.StartNew();
        var deadline = Patience.Times(StartTime);
        using var moment = new ManualResetEventSlim();
        while (began.Elapsed < deadline && !_process!.HasExited)
        {
            try
            {
                using var connection = new NpgsqlConnection($"{connectionString};Database=postgres;Pooling=false;Timeout=2");
                connection.Open();
                return true;
            }
            catch (NpgsqlException)
            {
                moment.Wait(TimeSpan.FromMilliseconds(100));
            }
        }

        return false;
    }
}
