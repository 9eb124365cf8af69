namespace PciBus.Management.Drain;

/// <summary>How a host is emptied.</summary>
/// <param name="Moves">One for each virtual machine, in the order in which they go.</param>
/// <param name="IsMaximum">It is proved that no plan moves more; false when the search was ended before.</param>
internal sealed record DrainPlan(IReadOnlyList<PlannedMove> Moves, bool IsMaximum)
{
    /// <summary>Those that stay unless something happens elsewhere.</summary>
    public IReadOnlyList<PlannedMove> Staying { get; } = [.. Moves.Where(move => move.Outcome is MoveOutcome.Waits or MoveOutcome.Cannot)];
}
