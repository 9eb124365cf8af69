namespace PciBus.Tests.Persistence;

/// <summary>Queries that may read a big table from end to end.</summary>
internal static class QueryPlanAllowances
{
    /// <summary>How the query's text, in one line, ends; and why it may.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["FROM \"op_placement_class\" AS \"o\""] =
            "before a refusal all classes are read once more: their ids are not committed in order on every engine",
        ["AND \"o1\".\"placement_class\" = \"o0\".\"digest\")) ORDER BY \"o0\".\"id\" LIMIT @p )"] =
            "once an hour the classes are looked through for those that no host is in",
        ["( SELECT DISTINCT \"o\".\"name\" FROM \"op_host_pci_devices\" AS \"o\" ) AS \"o0\" ORDER BY \"o0\".\"name\" LIMIT @p"] =
            "the refusal of a name that no host reports names those that are known, from their index",
        ["FROM \"op_host_pci_devices\" AS \"o\" INNER JOIN \"host\" AS \"h\" ON \"o\".\"host_id\" = \"h\".\"id\""
            + " INNER JOIN \"data_center\" AS \"d\" ON \"h\".\"data_center_id\" = \"d\".\"id\" INNER JOIN \"cluster\" AS \"c\""
            + " ON \"h\".\"cluster_id\" = \"c\".\"id\" LEFT JOIN \"vm_instance\" AS \"v\" ON \"o\".\"instance_id\" = \"v\".\"id\" ORDER BY \"o\".\"id\""] =
            "pagesize=-1: everything was asked for",
        ["UPDATE \"op_host_capacity\" AS \"o\" SET \"capacity_state\" = @p, \"update_count\" = \"o\".\"update_count\" + 1"] =
            "a database that may have been restored: nothing is allocated on any host until it has announced itself",
        ["\"update_count\" = \"h\".\"update_count\" + 1 WHERE \"h\".\"removed\" IS NULL"] = "and the session of every host ends",
    };

    /// <summary>Those that PostgreSQL reads so only because they mean a good part of a table; SQLite goes through an index.</summary>
    private static IReadOnlyDictionary<string, string> PostgreSql { get; } = new Dictionary<string, string>
    {
        ["GROUP BY o0.capacity_state, o0.placement_class, o0.HasCpu, o0.HasRam, o0.Tried, o0.Closed"] =
            "a refusal counts the hosts of its zone, which may be all there are",
        ["WHERE h.removed IS NULL AND h.status IN ('Up', 'Connecting')"] = "a database that may have been restored disconnects all hosts",
    };

    /// <summary>The allowance of a query, if it has one.</summary>
    public static string? Of(string text) => Find(All, text);

    /// <summary>The allowance of a query that it has on PostgreSQL only.</summary>
    public static string? OnPostgreSql(string text) => Find(PostgreSql, text);

    private static string? Find(IReadOnlyDictionary<string, string> allowances, string text) =>
        allowances.Keys.SingleOrDefault(end => OneLine(text).EndsWith(OneLine(end), StringComparison.Ordinal));

    /// <summary>Without the quotes, which engines set differently.</summary>
    private static string OneLine(string text) =>
        string.Join(' ', text.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)).Replace("\"", "", StringComparison.Ordinal);
}
