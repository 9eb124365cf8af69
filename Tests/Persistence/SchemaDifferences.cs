namespace PciBus.Tests.Persistence;

/// <summary>Where the tables of a database are not those of EF Core's model.</summary>
internal static class SchemaDifferences
{
    public static IReadOnlyList<string> Between(IEnumerable<TableShape> installed, IEnumerable<TableShape> model)
    {
        var there = installed.SelectMany(table => table.Lines).ToList();
        var expected = model.SelectMany(table => table.Lines).ToList();
        return
        [
            .. there.Except(expected).Select(line => $"only in the database: {line}"),
            .. expected.Except(there).Select(line => $"only in the model: {line}"),
        ];
    }
}
