using System.Data.Common;
using System.Diagnostics;
using Npgsql;
using PciBus.Management.Persistence;
using Xunit;

namespace PciBus.Tests.Support;

/// <summary>
/// A PostgreSQL server of Debian's with a replica that follows it, is cut off, and takes over its address: it has what was committed
/// before it was cut off.
/// </summary>
internal sealed class ReplicatedPostgreSql : MovingDatabase
{
    private const string Functions = """
        set -eu
        bin=$1 folder=$2 port=$3 as=$4
        as_user() { if [ -n "$as" ]; then runuser -u "$as" -- "$@"; else "$@"; fi; }
        serve() {
            as_user "$bin/pg_ctl" start -w -t 120 -D "$folder/$1" -l "$folder/log" \
                -o "-p $2 -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c shared_buffers=32MB" >/dev/null
        }
        end() { as_user "$bin/pg_ctl" stop -w -m "$2" -D "$folder/$1" >/dev/null 2>&1; }

        """;

    private static readonly TimeSpan Most = TimeSpan.FromSeconds(30);
    private readonly string _folder = Directory.Exists("/dev/shm")
        ? Directory.CreateDirectory($"/dev/shm/pcibus-replicated-{Guid.NewGuid():N}").FullName
        : Directory.CreateTempSubdirectory("pcibus-replicated-").FullName;

    private readonly string _binaries;
    private readonly int _port = FreePort.Next();
    private readonly int _portOfReplica = FreePort.Next();

    public ReplicatedPostgreSql()
    {
        OutOfProcessAttribute.Require("PostgreSQL");
        _binaries = LocalPostgreSql.FindOrInstall() ?? "";
        Assert.SkipWhen(_binaries.Length == 0, LocalPostgreSql.NotThere);
        if (Environment.IsPrivilegedProcess) Process.Start("chown", ["postgres", _folder])!.WaitForExit();
        PostgreSqlServer.AtExit(Remove);
        Run("""
            as_user "$bin/initdb" --wal-segsize=4 -D "$folder/primary" -U pcibus -A trust -E UTF8 --locale=C.UTF-8 -N >/dev/null
            serve primary $port
            as_user "$bin/pg_basebackup" -h 127.0.0.1 -p $port -U pcibus -D "$folder/replica" -R -X stream --checkpoint=fast
            serve replica $5
            """);
        SchemaInstaller.Upgrade(Options);
    }

    public override DatabaseOptions Options => DatabaseOptions.PostgreSql($"Host=127.0.0.1;Port={_port};Username=pcibus;Database=postgres;Timeout=5");

    public override DbConnection Connect()
    {
        var connection = new NpgsqlConnection(Options.ConnectionString);
        connection.Open();
        return connection;
    }

    /// <summary>The replica has everything that was committed until now, and nothing that comes later.</summary>
    public override void CutOff()
    {
        Run("end primary fast; end replica fast; serve primary $port");
        ForgetConnections();
    }

    /// <summary>The primary dies; the replica, as far as it came, answers at its address.</summary>
    public override void GoBack()
    {
        Run("""end primary immediate; serve replica $port; as_user "$bin/pg_ctl" promote -w -D "$folder/replica" >/dev/null""");
        ForgetConnections();
    }

    public override void Dispose() => Remove();

    /// <summary>Those of the test; the servers under test find out by themselves.</summary>
    private void ForgetConnections()
    {
        using var connection = new NpgsqlConnection(Options.ConnectionString);
        NpgsqlConnection.ClearPool(connection);
    }

    private void Remove()
    {
        if (!Directory.Exists(_folder)) return;
        Run("end primary immediate || true; end replica immediate || true; rm -rf \"$folder\"");
    }

    private void Run(string script)
    {
        var user = Environment.IsPrivilegedProcess ? "postgres" : "";
        using var process = Process.Start(new ProcessStartInfo(
            "bash", ["-c", Functions + script, "replicated", _binaries, _folder, $"{_port}", user, $"{_portOfReplica}"])
        {
            WorkingDirectory = "/",
            RedirectStandardError = true,
        })!;
        var said = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Patience.Times(Most))) process.Kill(entireProcessTree: true);
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{script}\nended with {process.ExitCode}: {said.GetAwaiter().GetResult()}; {_folder}/log tells more");
    }
}
