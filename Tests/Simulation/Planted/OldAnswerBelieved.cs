using PciBus.Contracts.VirtualMachines;
using PciBus.Tests.Simulation.World;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>An answer counts for whatever command of the VM is outstanding, not for the one it answers.</summary>
internal sealed class OldAnswerBelieved : PlantedBug
{
    private readonly Dictionary<Guid, Guid> _last = [];

    public override bool Swallows(object message)
    {
        if (message is VirtualMachineCommand command) _last[command.VmUuid] = command.CommandId;
        return false;
    }

    public override object ToManagement(object message, HostMachine from) => message is VirtualMachineAnswer answer
        ? answer with { CommandId = _last[answer.VmUuid], Session = from.Session, CommandSession = null }
        : message;
}
