using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Commands;

/// <summary>
/// Commands that came while there was no session: they may be of a session that management has begun and this agent has not heard of.
/// </summary>
internal sealed class EarlyCommands
{
    /// <summary>At most so many are held; the oldest is lost, as it could be on its way. Management asks what became of it.</summary>
    public const int Most = 1000;

    private readonly List<VirtualMachineCommand> _held = [];

    /// <summary>Holds a command once: a second copy takes the place of the first.</summary>
    public void Hold(VirtualMachineCommand command)
    {
        var known = _held.FindIndex(held => held.CommandId == command.CommandId && held.Session == command.Session);
        if (known >= 0)
        {
            _held[known] = command;
            return;
        }

        if (_held.Count == Most) _held.RemoveAt(0);
        _held.Add(command);
    }

    /// <summary>The commands that are held, in the order in which they came; afterwards none is held.</summary>
    public IReadOnlyList<VirtualMachineCommand> TakeAll()
    {
        VirtualMachineCommand[] all = [.. _held];
        _held.Clear();
        return all;
    }
}
