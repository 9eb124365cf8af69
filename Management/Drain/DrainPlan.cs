using PciBus.Management.Hosts.Maintenance;

namespace PciBus.Management.Drain;

/// <summary>How a host is emptied.</summary>
/// <param name="Moves">One for each virtual machine, in the order in which they go.</param>
/// <param name="Most">No plan finds room for more than this: a proved bound.</param>
internal sealed record DrainPlan(IReadOnlyList<PlannedMove> Moves, int Most)
{
    /// <summary>The virtual machines that stay unless something happens elsewhere.</summary>
    public IEnumerable<PlannedMove> Staying => Moves.Where(move => move.Outcome is MoveOutcome.Waits or MoveOutcome.Cannot);

    /// <summary>How many have room, at once or when others, who are leaving already, have left.</summary>
    public int Placed => Moves.Count(move => move.Target is not null);
}
