namespace PciBus.Tests.Simulation.Planted;

/// <summary>Nobody remembers that the machine of a host announces itself with another guid: the host is taken for off.</summary>
internal sealed class DownOfAHeardMachine : PlantedBug
{
    public override string Rewrite(string sql) => sql.StartsWith("UPDATE \"host\" SET", StringComparison.Ordinal)
        ? System.Text.RegularExpressions.Regex.Replace(sql, "\"machine_refused\" = (@\\w+)", "\"machine_refused\" = NULLIF($1, $1)")
        : sql;
}
