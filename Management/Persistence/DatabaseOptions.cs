using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace PciBus.Management.Persistence;

/// <summary>Which database holds the truth.</summary>
internal sealed record DatabaseOptions(DatabaseProvider Provider, string ConnectionString)
{
    public static DatabaseOptions SqliteFile(string path) => new(DatabaseProvider.Sqlite, $"Data Source={path}");

    public void Configure(DbContextOptionsBuilder builder)
    {
        // First fit takes any page of the hosts that fit: an order would have all of them sorted first.
        builder.ConfigureWarnings(warnings => warnings.Ignore(CoreEventId.RowLimitingOperationWithoutOrderByWarning));
        _ = Provider switch
        {
            DatabaseProvider.Sqlite => builder.UseSqlite(ConnectionString),
            DatabaseProvider.SqlServer => builder.UseSqlServer(ConnectionString, sql => sql.EnableRetryOnFailure()),
            DatabaseProvider.PostgreSql => builder.UseNpgsql(ConnectionString, sql => sql.EnableRetryOnFailure()),
        };
    }
}
