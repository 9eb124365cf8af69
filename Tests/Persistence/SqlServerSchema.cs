using System.Data.Common;

namespace PciBus.Tests.Persistence;

/// <summary>The tables of a SQL Server database, as its catalogue tells them.</summary>
internal sealed class SqlServerSchema(DbConnection connection) : InstalledSchema(connection)
{
    private const string AllTables = "SELECT name FROM sys.tables WHERE is_ms_shipped = 0 AND name <> N'SchemaVersions' ORDER BY name";

    private const string AllNames =
        """
        SELECT N'table ' + name FROM sys.tables WHERE is_ms_shipped = 0 AND name <> N'SchemaVersions'
        UNION ALL
        SELECT N'index ' + i.name FROM sys.indexes i JOIN sys.tables t ON t.object_id = i.object_id
        WHERE t.is_ms_shipped = 0 AND t.name <> N'SchemaVersions' AND i.is_primary_key = 0 AND i.index_id > 0
        """;

    private const string AllReferences =
        """
        SELECT OBJECT_NAME(k.parent_object_id) + N'.' + COL_NAME(k.parent_object_id, k.parent_column_id) + N' -> '
            + OBJECT_NAME(k.referenced_object_id) + N'.' + COL_NAME(k.referenced_object_id, k.referenced_column_id)
        FROM sys.foreign_key_columns k
        """;

    public override IReadOnlyList<TableShape> Tables => [.. Read(AllTables, row => row.GetString(0)).Order(StringComparer.Ordinal)
        .Select(table => new TableShape(table, Columns(table), PrimaryKey(table), Indexes(table)))];

    public override IReadOnlyList<string> Names => [.. Read(AllNames, row => row.GetString(0)).Order(StringComparer.Ordinal)];

    public override IReadOnlyList<string> ForeignKeys => [.. Read(AllReferences, row => row.GetString(0)).Order(StringComparer.Ordinal)];

    /// <summary>All that is asked.</summary>
    public static IReadOnlyList<string> Questions(string table) =>
        [AllTables, AllNames, AllReferences, ColumnsOf(table), PrimaryKeyOf(table), IndexesOf(table)];

    private static string ColumnsOf(string table) =>
        $"""
        SELECT c.name, y.name, c.max_length, c.is_nullable, c.is_computed, c.collation_name, c.is_identity
        FROM sys.columns c JOIN sys.types y ON y.user_type_id = c.user_type_id WHERE c.object_id = OBJECT_ID(N'[{table}]')
        """;

    private static string PrimaryKeyOf(string table) =>
        $"""
        SELECT COL_NAME(k.object_id, k.column_id) FROM sys.indexes i
        JOIN sys.index_columns k ON k.object_id = i.object_id AND k.index_id = i.index_id
        WHERE i.object_id = OBJECT_ID(N'[{table}]') AND i.is_primary_key = 1 ORDER BY k.key_ordinal
        """;

    private static string IndexesOf(string table) =>
        $"""
        SELECT i.is_unique, i.filter_definition, STRING_AGG(COL_NAME(k.object_id, k.column_id), N',') WITHIN GROUP (ORDER BY k.key_ordinal)
        FROM sys.indexes i JOIN sys.index_columns k ON k.object_id = i.object_id AND k.index_id = i.index_id
        WHERE i.object_id = OBJECT_ID(N'[{table}]') AND i.is_primary_key = 0 AND i.index_id > 0
        GROUP BY i.index_id, i.is_unique, i.filter_definition
        """;

    private List<string> Columns(string table) => [.. Read(
            ColumnsOf(table),
            row => (Name: row.GetString(0), Text: ModelSchema.Describe(
                row.GetString(0),
                TypeOf(row.GetString(1), row.GetInt16(2)),
                row.GetBoolean(3),
                row.GetBoolean(4),
                row.IsDBNull(5) ? null : row.GetString(5),
                row.GetBoolean(6))))
        .OrderBy(column => column.Name, StringComparer.Ordinal).Select(column => column.Text)];

    private string PrimaryKey(string table) => string.Join(", ", Read(PrimaryKeyOf(table), row => row.GetString(0)));

    private IReadOnlyList<string> Indexes(string table) => [.. Read(
            IndexesOf(table),
            row => Describe(row.GetBoolean(0), row.GetString(2).Split(','), row.IsDBNull(1) ? null : Plain(row.GetString(1))))
        .Order(StringComparer.Ordinal)];

    private static string TypeOf(string type, short bytes) => type != "nvarchar" ? type : $"nvarchar({(bytes < 0 ? "max" : bytes / 2)})";

    private static string Plain(string filter) =>
        filter.Trim('(', ')').Replace("[", "", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal);
}
