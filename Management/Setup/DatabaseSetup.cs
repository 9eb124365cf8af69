using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;
using Npgsql;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;

namespace PciBus.Management.Setup;

/// <summary>Says which database there is, brings it up to date, and registers it with its transactions and the outbox.</summary>
internal static class DatabaseSetup
{
    public static IServiceCollection AddDatabase(this IServiceCollection services, DatabaseOptions options)
    {
        services.AddSingleton(options);
        if (options.Provider != DatabaseProvider.Sqlite) services.AddSingleton<DatabaseWatch>();
        if (options.Provider == DatabaseProvider.SqlServer) services.AddSingleton<SqlServerWatch>();
        if (options.Provider == DatabaseProvider.PostgreSql)
        {
            services.AddSingleton(
                provider => PostgreSqlSource.Open(options.ConnectionString, provider.GetRequiredService<DatabaseWatch>()));
        }

        services.AddDbContextPool<PciBusDbContext>((provider, builder) =>
            options.Configure(builder, provider.GetService<NpgsqlDataSource>(), provider.GetService<SqlServerWatch>()));
        services.AddSingleton<WriteQueue>();
        services.AddSingleton<DatabaseTransactions>();
        services.AddSingleton<ProcessIncarnation>();
        services.AddSingleton<OutboxRelay>();
        services.AddScoped<Outbox>().AddScoped<AfterCommit>();
        return services;
    }

    /// <param name="problem">What to say of a connection that cannot be used. The connection is not shown: it holds a password.</param>
    /// <param name="file">Of the database, when it is SQLite.</param>
    /// <exception cref="SetupException">The connection cannot be used.</exception>
    public static DatabaseOptions Options(DatabaseSettings settings, string problem, string file)
    {
        return settings.Provider switch
        {
            DatabaseProvider.Sqlite => DatabaseOptions.SqliteFile(file),
            DatabaseProvider.PostgreSql => Read(DatabaseOptions.PostgreSql),
            DatabaseProvider.SqlServer => Read(DatabaseOptions.SqlServer),
        };

        DatabaseOptions Read(Func<string, DatabaseOptions> read)
        {
            try
            {
                if (settings.Connection is { Length: > 0 } connection) return read(connection);
            }
            catch (ArgumentException)
            {
                // The text of the exception may quote the password.
            }

            throw new SetupException(problem);
        }
    }

    /// <summary>Works with the database before there is a server.</summary>
    /// <exception cref="SetupException">The database could not be reached or used; the message says what to do.</exception>
    public static T Reach<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SchemaException exception)
        {
            throw new SetupException(exception.Message, exception);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            throw new SetupException(
                $"{exception.MessageText}: make it with createdb, owned by the user that database.connection names", exception);
        }
        catch (NpgsqlException exception)
        {
            throw new SetupException($"PostgreSQL cannot be used as database.connection says: {exception.Message}", exception);
        }
        catch (SqlException exception)
        {
            throw new SetupException(
                $"SQL Server cannot be used as database.connection says: {SqlServerErrors.TextOf(exception)}"
                + (exception.Number == SqlServerErrors.NoSuchDatabase ? $" {SqlServerHowTo.Create}" : ""),
                exception);
        }
        catch (SqliteException exception)
        {
            throw new SetupException($"The database cannot be used: {exception.Message}", exception);
        }
    }

    /// <summary>Looks whether the database may have been restored since its last use; if so, hosts must announce themselves.</summary>
    /// <exception cref="SetupException">The database does not let this be seen.</exception>
    public static async Task<bool> CheckRestoredAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        try
        {
            return await services.GetRequiredService<DatabaseTransactions>()
                .RunAsync((RestoreManager restore) => restore.CheckAsync(cancellationToken), cancellationToken);
        }
        catch (SchemaException exception)
        {
            throw new SetupException(exception.Message, exception);
        }
    }
}
