namespace PciBus.Tests.Simulation.Planted;

/// <summary>What a host was seen to run ends with the host's silence: a start looks at those alone that are Up.</summary>
internal sealed class SightingEndedBySilence : PlantedBug
{
    public override string Rewrite(string sql) =>
        sql.Contains("FROM \"vm_sighting\"", StringComparison.Ordinal) && sql.Contains("INNER JOIN \"host\"", StringComparison.Ordinal)
            ? sql.Replace("WHERE ", "WHERE (SELECT status FROM host AS absent WHERE absent.id = host_id) = 'Up' AND ", StringComparison.Ordinal)
            : sql;
}
