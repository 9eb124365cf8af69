using System.Globalization;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Commands;

/// <summary>
/// Which commands may still be carried out: those of the current session whose number is not below the highest seen for the VM. Safety
/// rests on this rule, never on clocks. The caller takes care that nothing comes between asking and acting.
/// </summary>
internal sealed class CommandFence
{
    private readonly Dictionary<Guid, long> _highest = [];

    /// <summary>Begins a new session: the numbers seen before count no more.</summary>
    public void Clear() => _highest.Clear();

    /// <summary>Lets a command in, and from then on none with a lower number.</summary>
    /// <returns>Null, or why it is refused.</returns>
    public string? Admit(VirtualMachineCommand command, long currentSession)
    {
        if (Refusal(command, currentSession) is { } reason) return reason;
        _highest[command.VmUuid] = command.Number;
        return null;
    }

    /// <summary>Makes sure that a command that was answered "not begun" is not begun later, should a copy of it come.</summary>
    public void Bar(VirtualMachineCommand command) =>
        _highest[command.VmUuid] = Math.Max(_highest.GetValueOrDefault(command.VmUuid), command.Number + 1);

    /// <summary>Why the command may not be carried out at this moment; null when it may.</summary>
    /// <param name="command">The command.</param>
    /// <param name="currentSession">The agent's session, 0 for none.</param>
    public string? Refusal(VirtualMachineCommand command, long currentSession)
    {
        if (currentSession == 0 || command.Session != currentSession)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"not begun: the command was written for session {command.Session}, the agent is in session {currentSession}");
        }

        return _highest.TryGetValue(command.VmUuid, out var highest) && command.Number < highest
            ? string.Create(CultureInfo.InvariantCulture, $"superseded: the command has number {command.Number}, number {highest} was seen")
            : null;
    }
}
