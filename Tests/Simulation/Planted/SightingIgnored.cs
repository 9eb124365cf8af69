namespace PciBus.Tests.Simulation.Planted;

/// <summary>A start does not look whether a host was seen to run the virtual machine.</summary>
internal sealed class SightingIgnored : PlantedBug
{
    public override string Rewrite(string sql) =>
        sql.Contains("FROM \"vm_sighting\"", StringComparison.Ordinal) && sql.Contains("INNER JOIN \"host\"", StringComparison.Ordinal)
            ? sql.Replace("WHERE ", "WHERE 0 AND ", StringComparison.Ordinal)
            : sql;
}
