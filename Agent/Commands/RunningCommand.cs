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

    /// <summary>Why nobody wants it any more; null while it is wanted.</summary>
    public string? GivenUp => _givenUp;

    public CommandProgress Progress
    {
        get
        {
            lock (_gate) return _progress;
        }
    }

    public IReadOnlyList<PciDeviceOutcome> DeviceOutcomes => Progress.DeviceOutcomes;

    /// <summary>Ends the waiting for the guest. A call of the hypervisor that is under way goes on.</summary>
    public void GiveUp(string why)
    {
        _givenUp ??= why;
        Wake.Set();
    }

    /// <summary>Goes on to a step.</summary>
    public void Enter(CommandStep step)
    {
        lock (_gate) _progress = _progress with { Step = step, StepBegan = timeProvider.GetUtcNow() };
        changed();
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
                DeviceOutcomes =
                [
                    .. _progress.DeviceOutcomes.Where(other => other.Address != device).Append(outcome).OrderBy(other => other.Address),
                ],
            };
        }

        changed();
    }
}
