using System.Text.RegularExpressions;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>A device that has left its domain by itself, perhaps long after a detach that was given up, is thought to be there yet.</summary>
internal sealed partial class LateRemovalForgotten : PlantedBug
{
    public override string Rewrite(string sql) => sql.StartsWith("UPDATE \"op_host_pci_devices\" SET ", StringComparison.Ordinal)
        ? SeenIn().Replace(sql, "\"seen_in\" = CASE WHEN $1 IS NULL AND \"instance_id\" IS NOT NULL THEN \"seen_in\" ELSE $1 END")
        : sql;

    [GeneratedRegex("\"seen_in\" = (@\\w+)")]
    private static partial Regex SeenIn();
}
