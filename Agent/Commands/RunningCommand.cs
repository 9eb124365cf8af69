using PciBus.Agent.Hypervisor;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Commands;

/// <summary>A command that is being carried out: how far it is, and whether it shall be given up.</summary>
internal sealed class RunningCommand(VirtualMachineCommand command, TimeProvider timeProvider, Action changed)
{
    private readonly Lock _gate = new();
    private CommandProgress _progress = new()
    {
        CommandId = command.CommandId,
        VmUuid = command.VmUuid,
        StepBegan = timeProvider.GetUtcNow(),
    };

    private volatile string? _givenUp;

    public VirtualMachineCommand Command => command;

    /// <summary>Wakes the executor from its waiting.</summary>
    public WakeUp Wake { get; } = new(timeProvider);

    /// <summary>Why the command is given up; null while it is wanted.</summary>
    public string? GivenUp => _givenUp;

    public CommandProgress Progress
    {
        get
        {
            lock (_gate) return _progress;
        }
    }

    public IReadOnlyList<PciDeviceOutcome> DeviceOutcomes => Progress.DeviceOutcomes;

    /// <summary>Ends the wait for the guest, and a migration. A call of the hypervisor that is under way goes on.</summary>
    /// <returns>The step that the command is in: it tells whether giving up came early enough.</returns>
    public CommandStep GiveUp(string why)
    {
        CommandStep step;
        lock (_gate)
        {
            _givenUp ??= why;
            step = _progress.Step;
        }

        Wake.Set();
        return step;
    }

    /// <summary>Goes on to a step; a command that was given up does not go on to the migration.</summary>
    /// <returns>Null, or why it does not go on.</returns>
    public string? Enter(CommandStep step)
    {
        lock (_gate)
        {
            if (step == CommandStep.Migrating && _givenUp is { } why) return why;
            _progress = _progress with { Step = step, StepBegan = timeProvider.GetUtcNow(), MemoryTotal = null, MemoryRemaining = null };
        }

        changed();
        return null;
    }

    /// <summary>Notes how much memory has been carried over; the next ping tells it.</summary>
    public void Tell(MigrationJob job)
    {
        lock (_gate) _progress = _progress with { MemoryTotal = job.MemoryTotal, MemoryRemaining = job.MemoryRemaining };
    }

    /// <summary>Notes what has happened to a device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="state">What.</param>
    /// <param name="since">From when the time is counted that it took.</param>
    /// <param name="reason">Why, for the operator.</param>
    public void Tell(PciAddress device, HotplugState state, DateTimeOffset since, string? reason = null)
    {
        var now = timeProvider.GetUtcNow();
        var outcome = new PciDeviceOutcome
        {
            Address = device,
            State = state,
            At = now,
            Took = Math.Max(0, (long)(now - since).TotalMilliseconds),
            Reason = reason,
        };
        lock (_gate)
        {
            _progress = _progress with
            {
                DeviceOutcomes =
                [
                    .. _progress.DeviceOutcomes.Where(other => other.Address != device).Append(outcome).OrderBy(other => other.Address),
                ],
            };
        }

        changed();
    }
}
