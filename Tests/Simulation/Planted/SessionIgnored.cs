using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using PciBus.Tests.Simulation.World;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>Commands and answers of an earlier session count in the one of now.</summary>
internal sealed class SessionIgnored : PlantedBug
{
    private readonly Dictionary<HostMachine, long> _begun = [];

    public override object ToAgent(object message, HostMachine agent)
    {
        if (message is StartupAnswer answer) _begun[agent] = Math.Max(_begun.GetValueOrDefault(agent), answer.Session);
        return message is VirtualMachineCommand command && agent.Session > 0 ? command with { Session = agent.Session } : message;
    }

    public override object ToManagement(object message, HostMachine from) =>
        message is VirtualMachineAnswer answer ? answer with { Session = _begun.GetValueOrDefault(from) } : message;
}
