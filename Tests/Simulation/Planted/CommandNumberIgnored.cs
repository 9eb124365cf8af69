using PciBus.Contracts.VirtualMachines;
using PciBus.Tests.Simulation.World;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>An agent carries out a command although it has seen a later one.</summary>
internal sealed class CommandNumberIgnored : PlantedBug
{
    private const long High = 1_000_000;

    public override object ToAgent(object message, HostMachine agent) =>
        message is VirtualMachineCommand command ? command with { Number = High } : message;
}
