using System.Data.Common;
using PciBus.Management.Persistence;
using PciBus.Tests.Support;

namespace PciBus.Tests.Persistence;

/// <summary>The tables of a database, as its engine tells them.</summary>
internal abstract class InstalledSchema(DbConnection connection)
{
    public abstract IReadOnlyList<TableShape> Tables { get; }

    /// <summary>Of tables and of the indexes that the scripts name.</summary>
    public abstract IReadOnlyList<string> Names { get; }

    public abstract IReadOnlyList<string> ForeignKeys { get; }

    public static InstalledSchema Of(TestDatabase database, DbConnection connection) =>
        database.Options.Provider switch
        {
            DatabaseProvider.Sqlite => new SqliteSchema(connection),
            DatabaseProvider.PostgreSql => new PostgreSqlSchema(connection),
            DatabaseProvider.SqlServer => new SqlServerSchema(connection),
        };

    public static string Describe(bool unique, IEnumerable<string> columns, string? filter) =>
        $"{(unique ? "UNIQUE " : "")}({string.Join(", ", columns)}){(filter is null ? "" : $" WHERE {filter}")}";

    protected List<T> Read<T>(string sql, Func<DbDataReader, T> read)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read()) rows.Add(read(reader));
        return rows;
    }
}
