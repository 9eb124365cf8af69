using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Commands;

/// <summary>
/// Commands that came while there was no session: they may be of a session that management has begun and this agent has not heard of.
/// </summary>
internal sealed class EarlyCommands
{
    /// <summary>More are not held: the oldest is lost, as it could be on its way. Management asks what has become of it.</summary>
    public const int Most = 1000;

    private readonly List<VirtualMachineCommand> _held = [];

    /// <summary>Holds a command; a copy of it that is held already goes.</summary>
    public void Hold(VirtualMachineCommand command)
    {
        _held.RemoveAll(held => held.CommandId == command.CommandId && held.Session == command.Session);
        if (_held.Count == Most) _held.RemoveAt(0);
        _held.Add(command);
    }

    /// <summary>What is held, in the order in which it came; nothing is held afterwards.</summary>
    public IReadOnlyList<VirtualMachineCommand> TakeAll()
    {
        VirtualMachineCommand[] all = [.. _held];
        _held.Clear();
        return all;
    }
}
