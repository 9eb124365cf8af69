namespace PciBus.Tests.Simulation.Planted;

/// <summary>After a restore hosts go on taking virtual machines as if nothing had happened.</summary>
internal sealed class RestoreNotNoticed : PlantedBug
{
    public override string Rewrite(string sql) => sql.StartsWith("UPDATE \"op_host_capacity\" AS \"o\"\nSET \"capacity_state\"", StringComparison.Ordinal)
        ? $"{sql.TrimEnd(';')}\nWHERE FALSE"
        : sql;
}
