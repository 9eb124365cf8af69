using PciBus.Management.Hosts.Maintenance;

namespace PciBus.Management.Drain;

/// <summary>Says for each virtual machine that fits on no host which others could make room, and what each host is short of.</summary>
/// <param name="arriving">The virtual machines that come to each host by the plan.</param>
/// <param name="rooms">What each host has left when they have come.</param>
internal sealed class StayingMoves(
    IReadOnlyList<MoveTarget> targets, ILookup<long, Occupant> arriving, IReadOnlyList<long[]> rooms, MoveDimensions dimensions)
{
    private const int NamedHosts = 5;
    private const string NoTarget = "there is no other host that is Up and Enabled to which it may go";

    public PlannedMove Explain(MovingVm vm)
    {
        if (targets.Count == 0) return new PlannedMove(vm, MoveOutcome.Cannot) { Reasons = [NoTarget] };
        var asked = dimensions.Of(vm);
        var reasons = targets
            .Select((target, i) => (target.Name, Why: WhyNot(vm, target, rooms[i], asked)))
            .GroupBy(pair => pair.Why, pair => pair.Name)
            .Select(same => $"{Names(same)}: {same.Key}");
        var (at, waitsFor) = WhoMakesRoom(vm, asked);
        return new PlannedMove(vm, waitsFor.Count > 0 ? MoveOutcome.Waits : MoveOutcome.Cannot)
        {
            WaitsAt = at,
            WaitsFor = waitsFor,
            Reasons = [.. reasons],
        };
    }

    /// <summary>
    /// The few virtual machines whose leaving gives this one the devices that it lacks. Arrivals of this plan are named only when no
    /// virtual machine that is there already would do. None is named on a host that has the devices and lacks tags, CPU or RAM.
    /// </summary>
    private (MoveTarget? At, IReadOnlyList<Occupant> WaitsFor) WhoMakesRoom(MovingVm vm, long[] asked)
    {
        var ways = targets
            .Select((target, i) => (Target: target, Room: rooms[i]))
            .Where(way => way.Target.HasTagsOf(vm) && MoveDimensions.IsShortOfDevices(way.Room, asked))
            .SelectMany(way => new[]
            {
                (way.Target, WaitsFor: Few(way.Target.Occupants.Where(one => !one.IsLeaving), way.Room, asked)),
                (way.Target, WaitsFor: Few(arriving[way.Target.Id], way.Room, asked)),
            })
            .Where(way => way.WaitsFor.Count > 0)
            .OrderBy(way => way.WaitsFor[0].IsArriving).ThenBy(way => way.WaitsFor.Count)
            .ToList();
        return ways.Count > 0 ? (ways[0].Target, ways[0].WaitsFor) : (null, []);
    }

    private IReadOnlyList<Occupant> Few(IEnumerable<Occupant> occupants, long[] room, long[] asked) => RoomMakers.Few(
        occupants.Where(one => MoveDimensions.FreesDevices(dimensions.Of(one), room, asked)), room, asked, dimensions);

    private string WhyNot(MovingVm vm, MoveTarget target, long[] room, long[] asked)
    {
        var tags = target.HasTagsOf(vm) ? [] : new[] { $"it has not all of the tags {vm.HostTags}" };
        return string.Join(", ", tags.Concat(dimensions.Shortages(room, asked)));
    }

    private static string Names(IEnumerable<string> hosts)
    {
        var sorted = hosts.Order(StringComparer.Ordinal).ToList();
        return sorted.Count <= NamedHosts
            ? string.Join(", ", sorted)
            : $"{string.Join(", ", sorted.Take(NamedHosts))} and {sorted.Count - NamedHosts} more";
    }
}
