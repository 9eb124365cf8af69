namespace PciBus.Tests.Simulation.Planted;

/// <summary>A report that changes a device also says that nobody owns it.</summary>
internal sealed class ReportFrees : PlantedBug
{
    private const string Update = "UPDATE \"op_host_pci_devices\" SET ";

    public override string Rewrite(string sql) => sql.Contains("\"seen_in\" = @", StringComparison.Ordinal)
        ? sql.Replace(Update, $"{Update}\"instance_id\" = NULL, ", StringComparison.Ordinal)
        : sql;
}
