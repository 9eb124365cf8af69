using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace PciBus.Management.Persistence;

/// <summary>Which database holds the truth.</summary>
internal sealed record DatabaseOptions(DatabaseProvider Provider, string ConnectionString)
{
    public static DatabaseOptions SqliteFile(string path) => new(DatabaseProvider.Sqlite, $"Data Source={path}");

    public void Configure(DbContextOptionsBuilder builder)
    {
        // The planner takes the first hosts that fit: any order would make it sort all of them.
        builder.ConfigureWarnings(warnings => warnings.Ignore(CoreEventId.RowLimitingOperationWithoutOrderByWarning));
        // A list is one parameter: the same text, and the same plan, for any length.
        const ParameterTranslationMode lists = ParameterTranslationMode.Parameter;
        _ = Provider switch
        {
            DatabaseProvider.Sqlite => builder.UseSqlite(ConnectionString, sql => sql.UseParameterizedCollectionMode(lists))
                .AddInterceptors(new SqliteCheckpoints()),
            DatabaseProvider.SqlServer => builder.UseSqlServer(
                ConnectionString, sql => sql.UseParameterizedCollectionMode(lists).EnableRetryOnFailure()),
            DatabaseProvider.PostgreSql => builder.UseNpgsql(
                ConnectionString, sql => sql.UseParameterizedCollectionMode(lists).EnableRetryOnFailure()),
        };
    }
}
