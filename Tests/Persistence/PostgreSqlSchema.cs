using System.Data.Common;

namespace PciBus.Tests.Persistence;

/// <summary>The tables of a PostgreSQL database, as its catalogue tells them.</summary>
internal sealed class PostgreSqlSchema(DbConnection connection) : InstalledSchema(connection)
{
    public override IReadOnlyList<TableShape> Tables => [.. Read(
            """
            SELECT relname FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'schemaversions' ORDER BY relname
            """,
            row => row.GetString(0))
        .Select(table => new TableShape(table, Columns(table), PrimaryKey(table), Indexes(table)))];

    public override IReadOnlyList<string> Names => [.. Read(
        """
        SELECT CASE c.relkind WHEN 'r' THEN 'table ' ELSE 'index ' END || c.relname
        FROM pg_class c LEFT JOIN pg_constraint k ON k.conindid = c.oid AND k.contype = 'p'
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'i') AND k.oid IS NULL AND c.relname NOT LIKE '%schemaversions%'
        """,
        row => row.GetString(0))
        .Order(StringComparer.Ordinal)];

    public override IReadOnlyList<string> ForeignKeys => [.. Read(
        """
        SELECT c.relname || '.' || a.attname || ' -> ' || f.relname || '.' || b.attname
        FROM pg_constraint k
        JOIN pg_class c ON c.oid = k.conrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
        JOIN pg_class f ON f.oid = k.confrelid JOIN pg_attribute b ON b.attrelid = f.oid AND b.attnum = k.confkey[1]
        WHERE k.contype = 'f'
        """,
        row => row.GetString(0))
        .Order(StringComparer.Ordinal)];

    /// <summary>Columns of text that compare in another way than by their bytes.</summary>
    public IReadOnlyList<string> CollatedColumns => Read(
        """
        SELECT a.attrelid::regclass || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> 'schemaversions'
            AND a.attnum > 0 AND NOT a.attisdropped AND a.attcollation NOT IN (0, '"C"'::regcollation)
        """,
        row => row.GetString(0));

    private List<string> Columns(string table) => Read(
        $"""
        SELECT attname || ' ' || format_type(atttypid, atttypmod) || CASE WHEN attnotnull THEN ' NOT NULL' ELSE ' NULL' END
            || CASE WHEN attgenerated = 's' THEN ' COMPUTED' ELSE '' END
        FROM pg_attribute WHERE attrelid = '"{table}"'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attname
        """,
        row => row.GetString(0));

    private string PrimaryKey(string table) => string.Join(", ", Read(
        $"""
        SELECT a.attname FROM pg_constraint k, unnest(k.conkey) WITH ORDINALITY AS key (number, place), pg_attribute a
        WHERE k.conrelid = '"{table}"'::regclass AND k.contype = 'p' AND a.attrelid = k.conrelid AND a.attnum = key.number
        ORDER BY key.place
        """,
        row => row.GetString(0)));

    private IReadOnlyList<string> Indexes(string table) => [.. Read(
            $"""
            SELECT i.indisunique,
                ARRAY(SELECT a.attname::text FROM unnest(i.indkey::int[]) WITH ORDINALITY AS key (number, place)
                    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = key.number ORDER BY key.place),
                pg_get_expr(i.indpred, i.indrelid)
            FROM pg_index i WHERE i.indrelid = '"{table}"'::regclass AND NOT i.indisprimary
            """,
            row => Describe(row.GetBoolean(0), (string[])row.GetValue(1), row.IsDBNull(2) ? null : row.GetString(2).Trim('(', ')')))
        .Order(StringComparer.Ordinal)];
}
