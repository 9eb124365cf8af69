using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace PciBus.Management.Persistence;

/// <summary>Makes connections to PostgreSQL, and has each new connection looked at.</summary>
internal static class PostgreSqlSource
{
    public static NpgsqlDataSource Open(string connectionString, DatabaseWatch watch)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString);
        builder.UsePhysicalConnectionInitializer(connection => LookAsync(connection).GetAwaiter().GetResult(), LookAsync);
        return builder.Build();

        Task LookAsync(NpgsqlConnection connection) =>
            watch.LookAsync(new DbContextOptionsBuilder<PciBusDbContext>().UseNpgsql(connection).Options);
    }
}
