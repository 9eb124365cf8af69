using System.Text.RegularExpressions;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>What has ended the cause of an alert does not end the alert.</summary>
internal sealed partial class AlertsStand : PlantedBug
{
    public override string Rewrite(string sql) => sql.StartsWith("UPDATE \"alert\"", StringComparison.Ordinal) ? Resolved().Replace(sql, "$1NULLIF($2, $2)") : sql;

    [GeneratedRegex("""("resolved" = )(@\w+)""")]
    private static partial Regex Resolved();
}
