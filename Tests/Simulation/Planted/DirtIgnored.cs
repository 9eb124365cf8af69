using PciBus.Contracts.VirtualMachines;
using PciBus.Tests.Simulation.World;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>A device that did not come out of its reset counts as clean.</summary>
internal sealed class DirtIgnored : PlantedBug
{
    public override object ToManagement(object message, HostMachine from) => message is VirtualMachineAnswer answer
        ? answer with { Cleaned = [.. answer.Cleaned.Select(device => device with { Clean = true })] }
        : message;
}
