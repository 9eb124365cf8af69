namespace PciBus.Tests.Simulation.Planted;

/// <summary>A release names only the address: it hits the device at the same address of every host, whoever owns it.</summary>
internal sealed partial class ReleaseByAddress : PlantedBug
{
    public override string Rewrite(string sql) => sql.Contains("\"instance_id\" = NULL", StringComparison.Ordinal)
        ? Where().Replace(
            sql, "WHERE (\"o\".\"bus\", \"o\".\"slot\", \"o\".\"function\") = (SELECT bus, slot, function FROM op_host_pci_devices WHERE id = $1)")
        : sql;

    [System.Text.RegularExpressions.GeneratedRegex("WHERE \"o\".\"id\" = (@\\w+) AND .*")]
    private static partial System.Text.RegularExpressions.Regex Where();
}
