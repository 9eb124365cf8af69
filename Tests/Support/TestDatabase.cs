using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using PciBus.Management.Persistence;

namespace PciBus.Tests.Support;

/// <summary>A database of its own, with the installed schema, on one of the engines; the scripts run once per process.</summary>
internal abstract class TestDatabase : IDisposable
{
    public abstract DatabaseOptions Options { get; }

    /// <summary>Skips the test when the machine has no such engine.</summary>
    public static TestDatabase On(DatabaseProvider provider) => provider switch
    {
        DatabaseProvider.Sqlite => new SqliteDatabase(),
        DatabaseProvider.PostgreSql => new PostgreSqlDatabase(),
        DatabaseProvider.SqlServer => new SqlServerDatabase(),
    };

    /// <summary>One without tables, on an engine that has a server; skips the test when the machine has no such engine.</summary>
    public static TestDatabase EmptyOn(DatabaseProvider provider) => provider == DatabaseProvider.SqlServer
        ? new SqlServerDatabase(empty: true)
        : new PostgreSqlDatabase(empty: true);

    /// <summary>A context for looking and preparing, outside everything under test.</summary>
    public PciBusDbContext Open()
    {
        var builder = new DbContextOptionsBuilder<PciBusDbContext>();
        Options.Configure(builder);
        return new PciBusDbContext(builder.Options);
    }

    public abstract DbConnection Connect();

    public void Execute(string sql)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>From now on updates of this column change no row: somebody else was always faster.</summary>
    /// <param name="when">A condition on the new row, as <c>NEW.function = 2</c>.</param>
    public abstract void IgnoreUpdates(string table, string column, string when);

    public abstract void Dispose();
}
