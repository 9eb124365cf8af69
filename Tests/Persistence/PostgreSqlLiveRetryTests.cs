using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using PciBus.Management.Persistence;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

[OutOfProcess]
public sealed class PostgreSqlLiveRetryTests : LiveRetryTests
{
    public PostgreSqlLiveRetryTests() => PostgreSqlServer.Require();

    private protected override FormattableString Waiting =>
        $"""SELECT count(*)::int AS "Value" FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'""";

    private protected override DatabaseProvider Provider => DatabaseProvider.PostgreSql;

    private protected override Exception Silence => new NpgsqlException("The connection is gone", new IOException("broken pipe"));

    [Theory]
    [InlineData(PostgresErrorCodes.DeadlockDetected)]
    [InlineData(PostgresErrorCodes.SerializationFailure)]
    [InlineData(PostgresErrorCodes.UniqueViolation)]
    [InlineData(PostgresErrorCodes.AdminShutdown)]
    [InlineData("25P03")]
    public async Task WholeTransaction_RunsAgain(string code)
    {
        using var rig = NewRig();
        rig.ExecuteOwn("CREATE FUNCTION fail_with(code text) RETURNS int LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION USING ERRCODE = code; END'");
        var attempts = 0;

        await rig.RunAsync(async (IServiceProvider services) =>
        {
            var database = await WriteAsync(services);
            if (++attempts < 3) await database.Database.ExecuteSqlAsync($"SELECT fail_with({code})");
        });

        await AssertWrittenOnceAsync(rig);
        Assert.Equal(3, attempts);
    }

    private protected override void Kill(DbConnection connection) =>
        PostgreSqlServer.Execute($"SELECT pg_terminate_backend({((NpgsqlConnection)connection).ProcessID}, 5000)");
}
