using PciBus.Contracts.VirtualMachines;
using PciBus.Tests.Simulation.World;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>The journal does not know a repeat for one.</summary>
internal sealed class RepeatCarriedOutAgain : PlantedBug
{
    private readonly HashSet<Guid> _arrived = [];

    public override object ToAgent(object message, HostMachine agent) =>
        message is VirtualMachineCommand command && !_arrived.Add(command.CommandId) ? command with { CommandId = Guid.NewGuid() } : message;
}
