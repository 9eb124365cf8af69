using PciBus.Management.Hosts;

namespace PciBus.Management.Drain;

/// <summary>Says of virtual machines for which there is no room who could make some, and what is short on each host.</summary>
internal static class StayingMoves
{
    private const int NamedHosts = 5;

    /// <param name="targets">With those who are there when the plan has been followed.</param>
    /// <param name="rooms">What each of them has free then.</param>
    public static PlannedMove Explain(MovingVm vm, IReadOnlyList<MoveTarget> targets, IReadOnlyList<long[]> rooms, MoveDimensions dimensions)
    {
        var asked = dimensions.Of(vm);
        var ways = targets
            .Select((target, i) => (Target: target, WaitsFor: WhoMakesRoom(vm, target, rooms[i], asked, dimensions)))
            .Where(way => way.WaitsFor.Count > 0)
            .OrderBy(way => way.WaitsFor.Count)
            .ToList();
        var reasons = targets
            .Select((target, i) => (target.Name, Why: WhyNot(vm, target, rooms[i], asked, dimensions)))
            .GroupBy(pair => pair.Why, pair => pair.Name)
            .Select(same => $"{Names([.. same])}: {same.Key}");
        return new PlannedMove(vm, ways.Count > 0 ? MoveOutcome.Waits : MoveOutcome.Cannot)
        {
            WaitsFor = ways.Count > 0 ? ways[0].WaitsFor : [],
            Reasons = targets.Count > 0 ? [.. reasons] : ["there is no other host that is Up and Enabled to which it may go"],
        };
    }

    /// <summary>The fewest whose leaving gives it the devices it asks for; empty when nobody's does.</summary>
    private static List<Occupant> WhoMakesRoom(MovingVm vm, MoveTarget target, long[] room, long[] asked, MoveDimensions dimensions)
    {
        if (!HostTags.Cover(target.HostTags, vm.HostTags) || !MoveDimensions.IsShortOfDevices(room, asked)) return [];
        var holders = target.Occupants
            .Select(occupant => (Occupant: occupant, Frees: dimensions.Of(occupant)))
            .Where(pair => asked.Where((count, i) => i >= MoveDimensions.FirstName && count > room[i] && pair.Frees[i] > 0).Any())
            .ToList();
        if (holders.Find(pair => Suffices([pair.Frees])) is { Occupant: not null } one) return [one.Occupant];
        for (var count = 2; count <= holders.Count; count++)
        {
            if (Suffices(holders.Take(count).Select(pair => pair.Frees))) return [.. holders.Take(count).Select(pair => pair.Occupant)];
        }

        return [];

        bool Suffices(IEnumerable<long[]> frees)
        {
            var after = (long[])room.Clone();
            foreach (var more in frees) MoveDimensions.Add(after, more);
            return MoveDimensions.Covers(after, asked);
        }
    }

    private static string WhyNot(MovingVm vm, MoveTarget target, long[] room, long[] asked, MoveDimensions dimensions)
    {
        var tags = HostTags.Cover(target.HostTags, vm.HostTags) ? [] : new[] { $"it has not all of the tags {vm.HostTags}" };
        return string.Join(", ", tags.Concat(dimensions.Shortages(room, asked)));
    }

    private static string Names(IReadOnlyList<string> hosts) => hosts.Count <= NamedHosts
        ? string.Join(", ", hosts)
        : $"{string.Join(", ", hosts.Take(NamedHosts))} and {hosts.Count - NamedHosts} more";
}
