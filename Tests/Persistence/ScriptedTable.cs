namespace PciBus.Tests.Persistence;

/// <summary>A table as scripts make it: what the server would refuse fails.</summary>
internal sealed class ScriptedTable(string name)
{
    /// <summary>Of the key of a table that is stored in its order.</summary>
    private const int WidestTableKey = 900;

    private const int WidestIndexKey = 1700;

    private readonly Dictionary<string, ScriptedColumn> _columns = [];
    private readonly Dictionary<string, (bool Unique, IReadOnlyList<string> Columns, string? Filter)> _indexes = [];
    private readonly List<(string Column, string Target, bool Cascades)> _references = [];

    public string Name => name;

    public IReadOnlyList<string> PrimaryKey { get; private set; } = [];

    public IEnumerable<string> Columns => _columns.Keys;

    public IEnumerable<string> Indexes => _indexes.Keys;

    /// <summary>As <see cref="InstalledSchema.ForeignKeys"/>.</summary>
    public IEnumerable<string> References => _references.Select(one => $"{name}.{one.Column} -> {one.Target}");

    /// <summary>Those whose rows go with the row that they refer to.</summary>
    public IEnumerable<string> Cascades =>
        _references.Where(one => one.Cascades).Select(one => $"{name}.{one.Column} -> {one.Target}");

    public TableShape Shape => new(
        name,
        [.. _columns.Values.OrderBy(column => column.Name, StringComparer.Ordinal).Select(column => column.Description)],
        string.Join(", ", PrimaryKey),
        [.. _indexes.Values.Select(index => InstalledSchema.Describe(index.Unique, index.Columns, index.Filter))
            .Order(StringComparer.Ordinal)]);

    public ScriptedColumn Column(string column) =>
        _columns.GetValueOrDefault(column) ?? throw new InvalidOperationException($"{name} has no column {column}");

    public void Add(ScriptedColumn column)
    {
        if (!_columns.TryAdd(column.Name, column)) throw new InvalidOperationException($"{name} has a column {column.Name} already");
    }

    public void Change(ScriptedColumn column)
    {
        _columns[Column(column.Name).Name] = column;
        RequireWidths();
    }

    public void AddPrimaryKey(IReadOnlyList<string> columns)
    {
        if (PrimaryKey.Count > 0) throw new InvalidOperationException($"{name} has a primary key already");
        PrimaryKey = columns;
        if (columns.FirstOrDefault(column => Column(column).Nullable) is { } open)
        {
            throw new InvalidOperationException($"{name}.{open} may be null in a key");
        }

        RequireWidths();
    }

    public void AddIndex(string index, bool unique, IReadOnlyList<string> columns, string? filter)
    {
        if (!_indexes.TryAdd(index, (unique, columns, filter))) throw new InvalidOperationException($"{name} has an index {index} already");
        RequireWidths();
    }

    public void DropIndex(string index)
    {
        if (!_indexes.Remove(index)) throw new InvalidOperationException($"{name} has no index {index}");
    }

    public void AddReference(string column, ScriptedTable target, string targetColumn, bool cascades)
    {
        var (from, to) = (Column(column), target.Column(targetColumn));
        if ((from.Type, from.Collation) != (to.Type, to.Collation))
        {
            throw new InvalidOperationException($"{name}.{column} is of another type than {target.Name}.{targetColumn}");
        }

        if (!target.IsKey(targetColumn)) throw new InvalidOperationException($"{target.Name}.{targetColumn} is no key");
        _references.Add((column, $"{target.Name}.{targetColumn}", cascades));
    }

    private bool IsKey(string column) =>
        PrimaryKey.SequenceEqual([column])
        || _indexes.Values.Any(index => index is { Unique: true, Filter: null } && index.Columns.SequenceEqual([column]));

    private void RequireWidths()
    {
        RequireWidth("its primary key", PrimaryKey, WidestTableKey);
        foreach (var (index, (_, columns, _)) in _indexes) RequireWidth(index, columns, WidestIndexKey);
    }

    private void RequireWidth(string key, IReadOnlyList<string> columns, int widest)
    {
        var width = columns.Sum(column =>
            Column(column).KeyBytes ?? throw new InvalidOperationException($"{name}: {key}: {column} has no end"));
        if (width > widest) throw new InvalidOperationException($"{name}: {key} has {width} bytes, and may have {widest}");
    }
}
