using PciBus.Contracts.Startup;
using PciBus.Tests.Simulation.World;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>A host is whoever says so: nobody looks at the machine.</summary>
internal sealed class MachineIgnored : PlantedBug
{
    public override object ToManagement(object message, HostMachine from) =>
        message is StartupRoutingCommand startup ? startup with { Machine = "" } : message;
}
