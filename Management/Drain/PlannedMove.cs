namespace PciBus.Management.Drain;

/// <summary>What a plan says of one virtual machine.</summary>
internal sealed record PlannedMove(MovingVm Vm, MoveOutcome Outcome)
{
    /// <summary>Where it goes; null when it goes nowhere, or nobody can say yet.</summary>
    public MoveTarget? Target { get; init; }

    /// <summary>How long it will be without its devices, at a guess; null when it has none, or does not move.</summary>
    public TimeSpan? Absence { get; init; }

    /// <summary>Those who must leave first.</summary>
    public IReadOnlyList<Occupant> WaitsFor { get; init; } = [];

    /// <summary>Why it does not move, alike hosts together; empty when it does.</summary>
    public IReadOnlyList<string> Reasons { get; init; } = [];

    /// <summary>Why it does not move, in one sentence; null when it does.</summary>
    public string? Why => Outcome switch
    {
        MoveOutcome.Waits => $"it waits for {string.Join(", ", WaitsFor.Select(one => one.Name))} to leave {(Target is null ? "the host they are on" : Target.Name)}",
        MoveOutcome.Cannot => string.Join("; ", Reasons),
        _ => null,
    };

    /// <summary>Nothing that happens by itself makes room for it.</summary>
    public bool HasNoPlace => Outcome is MoveOutcome.Cannot || (Outcome is MoveOutcome.Waits && Target is null);

    public bool Moves => Outcome is MoveOutcome.Live or MoveOutcome.DetachAttach;
}
