using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace PciBus.Tests.Persistence;

/// <summary>The tables and columns that a statement names: each is one of the schema, or is made by the statement itself.</summary>
internal sealed class TransactSqlNames : TSqlFragmentVisitor
{
    private readonly List<ColumnReferenceExpression> _columns = [];
    private readonly List<string> _tables = [];
    private readonly Dictionary<string, HashSet<string>> _aliases = [];

    /// <summary>Names that the statement gives to columns of its own: of a subquery, of a list, of what it inserts.</summary>
    private readonly HashSet<string> _given = [];

    private readonly HashSet<string> _derived = [];

    private TransactSqlNames()
    {
    }

    /// <summary>What the statement names that is not there.</summary>
    public static IReadOnlyList<string> Unknown(TSqlStatement statement, ScriptedSchema schema)
    {
        var names = new TransactSqlNames();
        statement.Accept(names);
        var tables = names._tables.Where(name => !names._aliases.ContainsKey(name) || schema.Find(name) is not null).Distinct().ToList();
        return
        [
            .. tables.Where(name => schema.Find(name) is null).Select(name => $"There is no table {name}"),
            .. names._columns.Where(column => !names.IsKnown(column, tables, schema))
                .Select(column => $"There is no column {Support.TransactSql.TextOf(column)}").Distinct(),
        ];
    }

    public override void Visit(NamedTableReference node)
    {
        var table = node.SchemaObject.BaseIdentifier.Value;
        if (node.SchemaObject.Identifiers.Count > 1) return;
        _tables.Add(table);
        Name(node.Alias?.Value ?? table, table);
    }

    public override void Visit(TableReferenceWithAliasAndColumns node)
    {
        if (node.Alias is not null) _derived.Add(node.Alias.Value);
        foreach (var column in node.Columns) _given.Add(column.Value);
    }

    public override void Visit(TableReferenceWithAlias node)
    {
        if (node.Alias is not null && node is not NamedTableReference) _derived.Add(node.Alias.Value);
    }

    public override void Visit(SelectScalarExpression node)
    {
        if (node.ColumnName?.Value is { } name) _given.Add(name);
    }

    public override void Visit(SchemaDeclarationItemOpenjson node) => _given.Add(node.ColumnDefinition.ColumnIdentifier.Value);

    public override void Visit(DeclareTableVariableBody node) =>
        _given.UnionWith(node.Definition.ColumnDefinitions.Select(one => one.ColumnIdentifier.Value));

    public override void Visit(ColumnReferenceExpression node)
    {
        if (node.ColumnType == ColumnType.Regular) _columns.Add(node);
    }

    private void Name(string alias, string table)
    {
        if (!_aliases.TryGetValue(alias, out var known)) _aliases[alias] = known = [];
        known.Add(table);
    }

    private bool IsKnown(ColumnReferenceExpression column, List<string> tables, ScriptedSchema schema)
    {
        var parts = column.MultiPartIdentifier.Identifiers;
        var name = parts[^1].Value;
        if (parts.Count == 1) return _given.Contains(name) || AnyHas(tables);
        var owner = parts[^2].Value;
        // Of what is written, and of what a MERGE is about to write.
        if (owner is "INSERTED" or "DELETED") return AnyHas(tables);
        return _aliases.TryGetValue(owner, out var named) ? AnyHas(named) || (_derived.Contains(owner) && IsOwn())
            : _derived.Contains(owner) && IsOwn();

        bool AnyHas(IEnumerable<string> some) => some.Any(table => schema.Find(table)?.Columns.Contains(name) == true);

        // A subquery gives its columns on under their own names.
        bool IsOwn() => _given.Contains(name) || AnyHas(tables);
    }

    /// <summary>The columns that an expression names.</summary>
    internal sealed class Columns : TSqlFragmentVisitor
    {
        public Columns(TSqlFragment expression) => expression.Accept(this);

        public List<string> Names { get; } = [];

        public override void Visit(ColumnReferenceExpression node) => Names.Add(node.MultiPartIdentifier.Identifiers[^1].Value);
    }
}
