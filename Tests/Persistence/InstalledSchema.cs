using Microsoft.Data.Sqlite;

namespace PciBus.Tests.Persistence;

/// <summary>The tables of a SQLite file, as SQLite tells them.</summary>
internal sealed class InstalledSchema(SqliteConnection connection)
{
    public IReadOnlyList<TableShape> Tables => [.. Read(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'SchemaVersions' ORDER BY name",
            row => row.GetString(0))
        .Select(table => new TableShape(table, Columns(table), PrimaryKey(table), Indexes(table)))];

    private IReadOnlyList<string> Columns(string table) => [.. Read(
        $"SELECT name, type, \"notnull\", hidden FROM pragma_table_xinfo('{table}') ORDER BY name",
        row => $"{row.GetString(0)} {row.GetString(1)} {(row.GetBoolean(2) ? "NOT NULL" : "NULL")}{(row.GetInt64(3) > 1 ? " COMPUTED" : "")}")];

    private string PrimaryKey(string table) => string.Join(", ", Read(
        $"SELECT name FROM pragma_table_info('{table}') WHERE pk > 0 ORDER BY pk", row => row.GetString(0)));

    private IReadOnlyList<string> Indexes(string table) => [.. Read(
            $"SELECT name, \"unique\", partial FROM pragma_index_list('{table}') WHERE origin = 'c'",
            row => (Name: row.GetString(0), Unique: row.GetBoolean(1), Partial: row.GetBoolean(2)))
        .Select(index => Describe(index.Unique, Read(
            $"SELECT name FROM pragma_index_info('{index.Name}') ORDER BY seqno", row => row.GetString(0)), index.Partial ? Filter(index.Name) : null))
        .Order(StringComparer.Ordinal)];

    private string Filter(string index)
    {
        var text = Read($"SELECT sql FROM sqlite_master WHERE name = '{index}'", row => row.GetString(0)).Single();
        return text[(text.IndexOf(" WHERE ", StringComparison.OrdinalIgnoreCase) + " WHERE ".Length)..].Trim();
    }

    public static string Describe(bool unique, IEnumerable<string> columns, string? filter) =>
        $"{(unique ? "UNIQUE " : "")}({string.Join(", ", columns)}){(filter is null ? "" : $" WHERE {filter}")}";

    private List<T> Read<T>(string sql, Func<SqliteDataReader, T> read)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read()) rows.Add(read(reader));
        return rows;
    }
}
