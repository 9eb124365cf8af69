using System.Text.RegularExpressions;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>A host that was Up and Enabled is planned with, and claimed on, until it changes once more: also on its way to maintenance.</summary>
internal sealed partial class MaintenanceTakesOn : PlantedBug
{
    public override string Rewrite(string sql) => sql.StartsWith("UPDATE op_host_capacity", StringComparison.Ordinal)
        ? NewState().Replace(
            sql,
            """
            SET capacity_state = COALESCE(
                (SELECT 'Enabled' FROM host WHERE id = op_host_capacity.host_id AND status = 'Up' AND resource_state = 'Enabled'), $1)
            """)
        : sql;

    [GeneratedRegex(@"SET capacity_state = (@\w+)")]
    private static partial Regex NewState();
}
