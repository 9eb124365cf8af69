namespace PciBus.Tests.Persistence;

/// <summary>Queries that may read a big table from end to end.</summary>
internal static class QueryPlanAllowances
{
    /// <summary>How the query's text, in one line, ends; and why it may.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["FROM \"op_placement_class\" AS \"o\""] =
            "before a refusal all classes are read once more: their ids are not committed in order on every engine",
        ["( SELECT DISTINCT \"o\".\"name\" FROM \"op_host_pci_devices\" AS \"o\" ) AS \"o0\" ORDER BY \"o0\".\"name\" LIMIT @p"] =
            "the refusal of a name that no host has ever reported names those that are known, from their index",
        ["FROM \"op_host_pci_devices\" AS \"o\" INNER JOIN \"host\" AS \"h\" ON \"o\".\"host_id\" = \"h\".\"id\""
            + " INNER JOIN \"data_center\" AS \"d\" ON \"h\".\"data_center_id\" = \"d\".\"id\" INNER JOIN \"cluster\" AS \"c\""
            + " ON \"h\".\"cluster_id\" = \"c\".\"id\" LEFT JOIN \"vm_instance\" AS \"v\" ON \"o\".\"instance_id\" = \"v\".\"id\" ORDER BY \"o\".\"id\""] =
            "pagesize=-1: everything was asked for",
    };

    /// <summary>The allowance of a query, if it has one.</summary>
    public static string? Of(string text) => All.Keys.SingleOrDefault(end => OneLine(text).EndsWith(end, StringComparison.Ordinal));

    private static string OneLine(string text) => string.Join(' ', text.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
}
