using PciBus.Contracts.Startup;
using PciBus.Tests.Simulation.World;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>A report counts by when it comes, not by when it was made.</summary>
internal sealed class StaleReportApplied : PlantedBug
{
    private readonly Dictionary<HostMachine, long> _arrived = [];

    public override object ToManagement(object message, HostMachine from)
    {
        if (message is not PingRoutingCommand ping) return message;
        _arrived[from] = Math.Max(_arrived.GetValueOrDefault(from), ping.Report.Sequence) + 1;
        return ping with { Report = ping.Report with { Sequence = _arrived[from] } };
    }
}
