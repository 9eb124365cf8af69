using PciBus.Contracts.VirtualMachines;
using PciBus.Tests.Simulation.World;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>A host says of a start that failed that it may still be under way, until it is told to stop the virtual machine.</summary>
internal sealed class FailedStartUnderWay : PlantedBug
{
    private readonly HashSet<(string Host, Guid Vm)> _failed = [];

    public override object ToManagement(object message, HostMachine from)
    {
        if (message is not VirtualMachineAnswer { Observed: Observation.Off } answer) return message;
        var key = (answer.HostGuid, answer.VmUuid);
        if (answer is StartAnswer { Result: false }) _failed.Add(key);
        else if (answer is not CheckVirtualMachineAnswer) _failed.Remove(key);
        return _failed.Contains(key) ? answer with { Observed = Observation.UnderWay, NotBegun = false } : message;
    }
}
