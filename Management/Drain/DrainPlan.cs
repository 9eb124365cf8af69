using PciBus.Management.Hosts.Maintenance;

namespace PciBus.Management.Drain;

/// <summary>How a host is emptied.</summary>
/// <param name="Moves">One for each virtual machine, in the order in which they move.</param>
/// <param name="Most">No plan finds room for more than this: a proved bound.</param>
internal sealed record DrainPlan(IReadOnlyList<PlannedMove> Moves, int Most)
{
    /// <summary>The virtual machines that stay unless something happens elsewhere.</summary>
    public IEnumerable<PlannedMove> Staying => Moves.Where(move => move.Outcome is MoveOutcome.Waits or MoveOutcome.Cannot);

    /// <summary>How many have room, at once or after others that are leaving already.</summary>
    public int Placed => Moves.Count(move => move.Target is not null);
}

/// <summary>What a plan estimates the absence of devices by; nothing else uses it.</summary>
/// <param name="HotPlug">To detach and attach them.</param>
/// <param name="BytesPerSecond">How fast RAM is copied.</param>
internal sealed record MoveEstimates(TimeSpan HotPlug, long BytesPerSecond)
{
    public TimeSpan AbsenceOf(MovingVm vm) => HotPlug + TimeSpan.FromSeconds(Math.Ceiling((double)vm.Ram / BytesPerSecond));
}
