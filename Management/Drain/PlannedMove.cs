using PciBus.Management.Hosts.Maintenance;

namespace PciBus.Management.Drain;

/// <summary>What a plan says of one virtual machine.</summary>
internal sealed record PlannedMove(MovingVm Vm, MoveOutcome Outcome)
{
    /// <summary>Where it goes, at once or when <see cref="WaitsFor"/>, which are leaving already, have left; else null.</summary>
    public MoveTarget? Target { get; init; }

    /// <summary>How long it will be without devices, by estimate; null when it has none, or does not move now.</summary>
    public TimeSpan? Absence { get; init; }

    /// <summary>The virtual machines that must leave <see cref="WaitsAt"/> first; empty when it waits for none.</summary>
    public IReadOnlyList<Occupant> WaitsFor { get; init; } = [];

    /// <summary>The host on which the others have the devices that it waits for.</summary>
    public MoveTarget? WaitsAt { get; init; }

    /// <summary>Why no host has room for it, hosts with the same reason together; empty when it has a target.</summary>
    public IReadOnlyList<string> Reasons { get; init; } = [];

    /// <summary>Why it does not move now, in one sentence; null when it does.</summary>
    public string? Why => Outcome switch
    {
        MoveOutcome.Waits => $"it waits for {string.Join(", ", WaitsFor.Select(NameOf))} to leave {WaitsAt!.Name}",
        MoveOutcome.Cannot => string.Join("; ", Reasons),
        _ => null,
    };

    /// <summary>Nothing that is under way makes room for it.</summary>
    public bool HasNoPlace => Outcome is MoveOutcome.Cannot || (Outcome is MoveOutcome.Waits && Target is null);

    private static string NameOf(Occupant one) => one.IsArriving ? $"{one.Name} (which goes there first)" : one.Name;
}
