namespace PciBus.Tests.Persistence;

/// <summary>What is compared of a table, as lines.</summary>
/// <param name="Columns">Name, affinity and nullability, and whether it is computed.</param>
/// <param name="PrimaryKey">Columns of the key, in order.</param>
/// <param name="Indexes">Columns, uniqueness and filter of each; names are left to the scripts.</param>
internal sealed record TableShape(string Name, IReadOnlyList<string> Columns, string PrimaryKey, IReadOnlyList<string> Indexes)
{
    public IEnumerable<string> Lines =>
    [
        .. Columns.Select(column => $"{Name}: column {column}"),
        $"{Name}: primary key {PrimaryKey}",
        .. Indexes.Select(index => $"{Name}: index {index}"),
    ];
}
