using System.Text.RegularExpressions;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>A host that is being emptied counts as empty while what leaves it is still there.</summary>
internal sealed partial class LeavingOverlooked : PlantedBug
{
    public override string Rewrite(string sql) =>
        sql.Contains("INNER JOIN \"service_offering\"", StringComparison.Ordinal) ? OthersThere().Replace(sql, "") : sql;

    /// <summary>What has taken something there, beside what is said to be there.</summary>
    [GeneratedRegex("""\s+UNION\s+SELECT "\w+"."(vm_id|instance_id)".*(?=\n\))""", RegexOptions.Singleline)]
    private static partial Regex OthersThere();
}
