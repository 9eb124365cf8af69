using DbUp.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;
using PciBus.Tests.Support;

namespace PciBus.Tests.Persistence;

/// <summary>
/// The tables that the scripts for SQL Server make, without a server: each statement is followed as the server would follow it, and
/// one that the server would refuse, or that is not known here, fails.
/// </summary>
internal sealed class ScriptedSchema
{
    private readonly SortedDictionary<string, ScriptedTable> _tables = new(StringComparer.Ordinal);

    /// <summary>Tables and constraints, which share their names.</summary>
    private readonly HashSet<string> _objects = [];

    /// <exception cref="FormatException">A script is not Transact-SQL.</exception>
    /// <exception cref="InvalidOperationException">The server would refuse a statement, or its kind is not known here.</exception>
    public ScriptedSchema(IEnumerable<SqlScript> scripts)
    {
        foreach (var statement in scripts.SelectMany(script => TransactSql.Parse(script.Contents))) Follow(statement);
    }

    public IReadOnlyList<TableShape> Tables => [.. _tables.Values.Select(table => table.Shape)];

    /// <summary>As <see cref="InstalledSchema.Names"/>.</summary>
    public IReadOnlyList<string> Names =>
        [.. _tables.Values.SelectMany(table => table.Indexes.Select(index => $"index {index}").Append($"table {table.Name}"))
            .Order(StringComparer.Ordinal)];

    /// <summary>As <see cref="InstalledSchema.ForeignKeys"/>.</summary>
    public IReadOnlyList<string> ForeignKeys => [.. _tables.Values.SelectMany(table => table.References).Order(StringComparer.Ordinal)];

    /// <summary>Those of <see cref="ForeignKeys"/> that delete with what they refer to.</summary>
    public IReadOnlyList<string> Cascades => [.. _tables.Values.SelectMany(table => table.Cascades).Order(StringComparer.Ordinal)];

    public ScriptedTable? Find(string table) => _tables.GetValueOrDefault(table);

    private void Follow(TSqlStatement statement)
    {
        switch (statement)
        {
            case CreateTableStatement create:
                var table = new ScriptedTable(Claim(create.SchemaObjectName.BaseIdentifier.Value));
                _tables.Add(table.Name, table);
                Add(table, create.Definition);
                break;
            case AlterTableAddTableElementStatement add:
                Add(Table(add.SchemaObjectName), add.Definition);
                break;
            case AlterTableAlterColumnStatement alter:
                var changed = Table(alter.SchemaObjectName);
                changed.Change(changed.Column(alter.ColumnIdentifier.Value) with
                {
                    Type = TypeOf(alter.DataType),
                    Nullable = alter.AlterTableAlterColumnOption != AlterTableAlterColumnOption.NotNull,
                    Collation = alter.Collation?.Value,
                });
                break;
            case CreateIndexStatement index:
                var filter = index.FilterPredicate is { } predicate ? TransactSql.TextOf(predicate) : null;
                Table(index.OnName).AddIndex(index.Name.Value, index.Unique, NamesOf(index.Columns), filter);
                break;
            case DropIndexStatement drop:
                foreach (var clause in drop.DropIndexClauses.Cast<DropIndexClause>()) Table(clause.Object).DropIndex(clause.Index.Value);
                break;
            case SetIdentityInsertStatement identity:
                Table(identity.Table);
                break;
            case InsertStatement or UpdateStatement:
                foreach (var problem in TransactSqlNames.Unknown(statement, this)) throw new InvalidOperationException(problem);
                break;
            case IfStatement { ThenStatement: ThrowStatement, ElseStatement: null }:
                break;
            default:
                throw new InvalidOperationException($"{statement.GetType().Name} is not followed here: {TransactSql.TextOf(statement)}");
        }
    }

    private void Add(ScriptedTable table, TableDefinition definition)
    {
        foreach (var column in definition.ColumnDefinitions)
        {
            table.Add(Describe(table, column));
            foreach (var constraint in column.Constraints) Add(table, constraint, column.ColumnIdentifier.Value);
        }

        foreach (var constraint in definition.TableConstraints) Add(table, constraint, null);
    }

    private void Add(ScriptedTable table, ConstraintDefinition constraint, string? column)
    {
        if (constraint.ConstraintIdentifier is { } name) Claim(name.Value);
        switch (constraint)
        {
            case UniqueConstraintDefinition { IsPrimaryKey: true } key:
                table.AddPrimaryKey(column is null ? NamesOf(key.Columns) : [column]);
                break;
            case ForeignKeyConstraintDefinition reference:
                table.AddReference(
                    column ?? reference.Columns.Single().Value,
                    Table(reference.ReferenceTableName),
                    reference.ReferencedTableColumns.Single().Value,
                    reference.DeleteAction == DeleteUpdateAction.Cascade);
                break;
            case NullableConstraintDefinition or DefaultConstraintDefinition:
                break;
            default:
                throw new InvalidOperationException($"{table.Name}: {constraint.GetType().Name} is not followed here");
        }
    }

    private static ScriptedColumn Describe(ScriptedTable table, ColumnDefinition column)
    {
        var name = column.ColumnIdentifier.Value;
        // Without it the settings of the connection would decide.
        var nullable = column.Constraints.OfType<NullableConstraintDefinition>().SingleOrDefault()?.Nullable
            ?? throw new InvalidOperationException($"{table.Name}.{name} does not say whether it may be null");
        if (column.ComputedColumnExpression is null)
        {
            var identity = column.IdentityOptions is not null;
            return new ScriptedColumn(name, TypeOf(column.DataType), nullable, column.Collation?.Value, Computed: false, identity);
        }

        var from = new TransactSqlNames.Columns(column.ComputedColumnExpression).Names
            .Select(one => table.Column(one).Type).Distinct().Single();
        return column.IsPersisted
            ? new ScriptedColumn(name, from, nullable, null, Computed: true, Identity: false)
            : throw new InvalidOperationException($"{table.Name}.{name} is not stored");
    }

    private static string TypeOf(DataTypeReference type) => type is SqlDataTypeReference sql
        ? sql.SqlDataTypeOption.ToString().ToLowerInvariant()
            + (sql.Parameters.Count > 0 ? $"({string.Join(", ", sql.Parameters.Select(one => one.Value.ToLowerInvariant()))})" : "")
        : throw new InvalidOperationException($"{TransactSql.TextOf(type)} is no type of the server");

    private static IReadOnlyList<string> NamesOf(IList<ColumnWithSortOrder> columns) =>
        [.. columns.Select(one => one.SortOrder == SortOrder.Descending
            ? throw new InvalidOperationException($"{TransactSql.TextOf(one)} is not followed here")
            : one.Column.MultiPartIdentifier.Identifiers[^1].Value)];

    private ScriptedTable Table(SchemaObjectName name) =>
        Find(name.BaseIdentifier.Value) ?? throw new InvalidOperationException($"There is no table {name.BaseIdentifier.Value}");

    private string Claim(string name) => _objects.Add(name) ? name : throw new InvalidOperationException($"There is a {name} already");
}
