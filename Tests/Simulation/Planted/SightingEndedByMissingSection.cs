using PciBus.Contracts.Startup;
using PciBus.Tests.Simulation.World;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>A report whose domains could not be collected ends what its host was seen to run.</summary>
internal sealed class SightingEndedByMissingSection : PlantedBug
{
    private readonly HashSet<string> _hosts = [];

    public override object ToManagement(object message, HostMachine from)
    {
        if (message is PingRoutingCommand { Report.VirtualMachines: null }) _hosts.Add(from.Guid);
        return message;
    }

    public override string Rewrite(string sql)
    {
        // The first that management writes from then on takes the sightings with it.
        if (_hosts.Count == 0 || !sql.StartsWith("UPDATE \"", StringComparison.Ordinal)) return sql;
        var hosts = string.Join(',', _hosts.Select(guid => $"'{guid}'"));
        _hosts.Clear();
        return $"DELETE FROM vm_sighting WHERE host_id IN (SELECT id FROM host WHERE guid IN ({hosts})); {sql}";
    }
}
