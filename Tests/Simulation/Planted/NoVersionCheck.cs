namespace PciBus.Tests.Simulation.Planted;

/// <summary>Rows of virtual machines and workflows are written on top of whatever somebody else has written meanwhile.</summary>
internal sealed partial class NoVersionCheck : PlantedBug
{
    public override string Rewrite(string sql) => Check().Replace(sql, "");

    [System.Text.RegularExpressions.GeneratedRegex("(?<=WHERE \"id\" = @\\w+) AND \"(update_count|version)\" = @\\w+")]
    private static partial System.Text.RegularExpressions.Regex Check();
}
