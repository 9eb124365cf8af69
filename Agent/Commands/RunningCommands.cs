using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Commands;

/// <summary>The commands that go on for a while, one for each VM at most, as they share its lane.</summary>
internal sealed class RunningCommands(TimeProvider timeProvider)
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<Guid, RunningCommand> _running = [];

    /// <summary>One has come a step further.</summary>
    public event Action? Changed;

    public IReadOnlyList<CommandProgress> Progress
    {
        get
        {
            lock (_gate) return [.. _running.Values.Select(running => running.Progress)];
        }
    }

    public RunningCommand? Find(Guid vmUuid)
    {
        lock (_gate) return _running.GetValueOrDefault(vmUuid);
    }

    /// <summary>A command is being carried out, until what is returned is disposed.</summary>
    public RunningCommand Begin(VirtualMachineCommand command)
    {
        var running = new RunningCommand(command, timeProvider, Change);
        lock (_gate) _running[command.VmUuid] = running;
        return running;
    }

    private void Change(RunningCommand running, bool over)
    {
        if (over)
        {
            lock (_gate) _running.Remove(running.Command.VmUuid);
            // The answer tells that it is over.
            return;
        }

        Changed?.Invoke();
    }
}
