using System.Data.Common;

namespace PciBus.Tests.Persistence;

/// <summary>The tables of a SQLite file, as SQLite tells them.</summary>
internal sealed class SqliteSchema(DbConnection connection) : InstalledSchema(connection)
{
    public override IReadOnlyList<TableShape> Tables => [.. Read(
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

    public override IReadOnlyList<string> Names => [.. Read(
        "SELECT type || ' ' || name FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL"
        + " AND name NOT LIKE 'sqlite_%' AND name <> 'SchemaVersions'",
        row => row.GetString(0))
        .Order(StringComparer.Ordinal)];

    public override IReadOnlyList<string> ForeignKeys => [.. Read(
        """
        SELECT t.name || '.' || f."from" || ' -> ' || f."table" || '.' || f."to"
        FROM sqlite_master t, pragma_foreign_key_list(t.name) f WHERE t.type = 'table'
        """,
        row => row.GetString(0))
        .Order(StringComparer.Ordinal)];
}
