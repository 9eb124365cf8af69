using Microsoft.Data.SqlClient;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;
using Npgsql.EntityFrameworkCore.PostgreSQL.Infrastructure;

namespace PciBus.Management.Persistence;

/// <summary>Names the database that holds the truth.</summary>
/// <param name="ConnectionString">Holds a password: it is not logged and not shown.</param>
internal sealed record DatabaseOptions(DatabaseProvider Provider, string ConnectionString)
{
    public static DatabaseOptions SqliteFile(string path) => new(DatabaseProvider.Sqlite, $"Data Source={path}");

    /// <exception cref="ArgumentException">It is not a connection string. Its message may quote the password.</exception>
    public static DatabaseOptions PostgreSql(string connectionString)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        // Two servers fit into the 100 connections that PostgreSQL allows by default.
        if (!builder.ShouldSerialize("Maximum Pool Size")) builder.MaxPoolSize = 40;
        // A server that stands still in the middle of a transaction must not hold its rows for long: the transaction ends and runs again.
        // Planning a statement anew takes longer than most statements run; and a plan made for an almost empty table is kept.
        builder.Options = $"-c idle_in_transaction_session_timeout=5000 -c enable_seqscan=off {builder.Options}".TrimEnd();
        if (!builder.ShouldSerialize("Max Auto Prepare")) builder.MaxAutoPrepare = 200;
        // No statement leaves anything behind in a session; to clear the session costs as much as some statements.
        builder.NoResetOnClose = true;
        return new DatabaseOptions(DatabaseProvider.PostgreSql, builder.ConnectionString);
    }

    /// <exception cref="ArgumentException">
    /// It is not a connection string, or names no server or no database. Its message may quote the password.
    /// </exception>
    public static DatabaseOptions SqlServer(string connectionString)
    {
        var builder = Parse(connectionString);
        if (builder.DataSource.Length == 0 || builder.InitialCatalog.Length == 0)
        {
            throw new ArgumentException("It names no server, or no database", nameof(connectionString));
        }

        if (!builder.ShouldSerialize("Application Name")) builder.ApplicationName = "PciBus";
        // A transaction with several readers open has no savepoints.
        builder.MultipleActiveResultSets = false;
        // A connection that the client makes anew by itself may lead elsewhere, and nobody would have looked where.
        builder.ConnectRetryCount = 0;
        builder.PersistSecurityInfo = false;
        return new DatabaseOptions(DatabaseProvider.SqlServer, builder.ConnectionString);
    }

    /// <summary>Nothing of the connection string.</summary>
    public override string ToString() => Provider.ToString();

    /// <param name="postgreSql">The source of connections; null when there is none.</param>
    /// <param name="sqlServer">Looks at new connections; null when they are not looked at.</param>
    public void Configure(DbContextOptionsBuilder builder, NpgsqlDataSource? postgreSql = null, SqlServerWatch? sqlServer = null)
    {
        // The planner takes the first hosts that fit: any order would make it sort all of them.
        builder.ConfigureWarnings(warnings => warnings.Ignore(CoreEventId.RowLimitingOperationWithoutOrderByWarning));
        // A list is one parameter: the same text, and the same plan, for any length.
        const ParameterTranslationMode lists = ParameterTranslationMode.Parameter;
        _ = Provider switch
        {
            DatabaseProvider.Sqlite => builder.UseSqlite(ConnectionString, sql => sql.UseParameterizedCollectionMode(lists))
                .AddInterceptors(new SqliteCheckpoints(), new SqliteFunctions()),
            DatabaseProvider.SqlServer => builder.UseSqlServer(
                ConnectionString,
                sql => sql.UseParameterizedCollectionMode(lists).ExecutionStrategy(dependencies => new SqlServerRetries(dependencies)))
                .AddInterceptors(sqlServer is null ? [new TransactionWrites()] : [new TransactionWrites(), sqlServer]),
            DatabaseProvider.PostgreSql when postgreSql is not null => builder.UseNpgsql(postgreSql, ConfigurePostgreSql),
            DatabaseProvider.PostgreSql => builder.UseNpgsql(ConnectionString, ConfigurePostgreSql),
        };

        static void ConfigurePostgreSql(NpgsqlDbContextOptionsBuilder sql) =>
            sql.UseParameterizedCollectionMode(lists).ExecutionStrategy(dependencies => new PostgreSqlRetries(dependencies));
    }

    private static SqlConnectionStringBuilder Parse(string connectionString)
    {
        try
        {
            return new SqlConnectionStringBuilder(connectionString);
        }
        catch (Exception exception) when (exception is FormatException or OverflowException or KeyNotFoundException)
        {
            throw new ArgumentException(exception.Message, nameof(connectionString), exception);
        }
    }
}

/// <summary>The engines PciBus runs on.</summary>
internal enum DatabaseProvider
{
    /// <summary>Embedded default: one file, one process.</summary>
    Sqlite,
    PostgreSql,
    SqlServer,
}
