using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Commands;

/// <summary>A command that goes on for a while: how far it is, and whether it shall be given up.</summary>
internal sealed class RunningCommand(VirtualMachineCommand command, TimeProvider timeProvider, Action<RunningCommand, bool> changed) : IDisposable
{
    private readonly Lock _gate = new();
    private CommandProgress _progress = new()
    {
        CommandId = command.CommandId,
        VmUuid = command.VmUuid,
        StepBegan = timeProvider.GetUtcNow(),
    };

    public VirtualMachineCommand Command => command;

    /// <summary>Wakes whoever carries it out.</summary>
    public WakeUp Wake { get; } = new(timeProvider);

    /// <summary>An operator has given it up.</summary>
    public bool Cancelled { get; private set; }

    public CommandProgress Progress
    {
        get
        {
            lock (_gate) return _progress;
        }
    }

    public IReadOnlyList<PciDeviceOutcome> DeviceOutcomes => Progress.DeviceOutcomes;

    /// <summary>Goes on to a step; a cancelled command does not go on to the migration.</summary>
    /// <returns>False when it was cancelled before.</returns>
    public bool Enter(CommandStep step)
    {
        lock (_gate)
        {
            if (Cancelled && step == CommandStep.Migrating) return false;
            _progress = _progress with { Step = step, StepBegan = timeProvider.GetUtcNow(), MemoryTotal = null, MemoryRemaining = null };
        }

        changed(this, false);
        return true;
    }

    /// <summary>Gives it up.</summary>
    /// <returns>The step that it is in: whether it is early enough depends on it.</returns>
    public CommandStep Cancel()
    {
        CommandStep step;
        lock (_gate) (Cancelled, step) = (true, _progress.Step);
        Wake.Set();
        return step;
    }

    /// <summary>Something has happened to a device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="state">What.</param>
    /// <param name="since">What the time that it took is counted from.</param>
    /// <param name="reason">Why, for the operator.</param>
    public void Tell(PciAddress device, HotplugState state, DateTimeOffset since, string? reason = null)
    {
        var now = timeProvider.GetUtcNow();
        var outcome = new PciDeviceOutcome
        {
            Address = device,
            State = state,
            At = now,
            Took = (long)(now - since).TotalMilliseconds,
            Reason = reason,
        };
        lock (_gate)
        {
            _progress = _progress with
            {
                DeviceOutcomes = [.. _progress.DeviceOutcomes.Where(other => other.Address != device).Append(outcome).OrderBy(other => other.Address)],
            };
        }

        changed(this, false);
    }

    public void Tell(Hypervisor.MigrationJob job)
    {
        lock (_gate) _progress = _progress with { MemoryTotal = job.MemoryTotal, MemoryRemaining = job.MemoryRemaining };
    }

    /// <summary>It is over.</summary>
    public void Dispose() => changed(this, true);
}
