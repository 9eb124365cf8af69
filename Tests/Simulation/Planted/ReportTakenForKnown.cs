namespace PciBus.Tests.Simulation.Planted;

/// <summary>A change of the records does not have the host's next report looked at anew.</summary>
internal sealed class ReportTakenForKnown : PlantedBug
{
    public override string Rewrite(string sql) =>
        sql.StartsWith("UPDATE op_host_capacity SET report_hash = NULL,", StringComparison.Ordinal)
            ? sql.Replace("report_hash = NULL,", "", StringComparison.Ordinal)
            : sql;
}
