using PciBus.Contracts.VirtualMachines;

namespace PciBus.Tests.Simulation.Judge;

/// <summary>How many different reboots each VM was told to make.</summary>
internal sealed class RebootLog
{
    private readonly Dictionary<Guid, HashSet<Guid>> _commands = [];

    public void Add(RebootCommand command)
    {
        if (!_commands.TryGetValue(command.VmUuid, out var known)) _commands.Add(command.VmUuid, known = []);
        known.Add(command.CommandId);
    }

    public int Count(Guid vm) => _commands.GetValueOrDefault(vm)?.Count ?? 0;
}
