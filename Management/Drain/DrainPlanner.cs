using PciBus.Management.Hosts;

namespace PciBus.Management.Drain;

/// <summary>
/// Plans how a host is emptied: as many virtual machines as possible are moved, and of those that are left it is said why. A
/// virtual machine that leaves the host frees nothing on another, and nobody is moved out of the way elsewhere; what comes
/// free elsewhere is what those have who are leaving already. So there are two rounds: those for whom there is room now, and
/// those who follow when the leaving have left. More moved in the end counts more than more moved at once. Free devices are
/// counted by name: that two of them cannot be used apart is seen when they are claimed.
/// </summary>
internal static class DrainPlanner
{
    /// <param name="targets">By preference.</param>
    public static DrainPlan Plan(IReadOnlyList<MovingVm> vms, IReadOnlyList<MoveTarget> targets, MoveEstimates estimates)
    {
        var dimensions = new MoveDimensions(vms);
        List<MovingVm> movable = [.. vms.Where(vm => vm is { IsLeaving: false, Immovable: null })];
        long[][] free = [.. targets.Select(target => dimensions.Of(target.Free, target.Cpu, target.Ram))];
        long[][] soon = [.. targets.Select((target, i) => Sum(free[i], target.Occupants.Where(occupant => occupant.IsLeaving).Select(dimensions.Of)))];
        var problem = new MoveProblem(
            [.. movable.Select(dimensions.Of)],
            soon,
            [.. movable.Select(vm => targets.Select(target => HostTags.Cover(target.HostTags, vm.HostTags)).ToArray())]);
        var match = MoveSearch.Solve(problem);
        if (targets.Any(target => target.Occupants.Any(occupant => occupant.IsLeaving)))
        {
            var now = MoveSearch.Solve(problem with { Room = free });
            if (now.Count == match.Count) match = now with { IsMaximum = match.IsMaximum };
        }

        var goNow = GoNow(problem with { Room = free }, match);
        var rest = Left(problem, match);
        var moves = movable.Select((vm, i) => match.Hosts[i] switch
        {
            -1 => Stay(i),
            var host when goNow[i] => Move(vm, targets[host], estimates),
            var host => new PlannedMove(vm, MoveOutcome.Waits)
            {
                Target = targets[host],
                WaitsFor = [.. targets[host].Occupants.Where(occupant => occupant.IsLeaving)],
            },
        });
        var others = vms.Where(vm => vm.IsLeaving || vm.Immovable is not null).Select(vm => vm.IsLeaving
            ? new PlannedMove(vm, MoveOutcome.Leaves)
            : new PlannedMove(vm, MoveOutcome.Cannot) { Reasons = [vm.Immovable!] });
        return new DrainPlan([.. moves.Concat(others).OrderBy(move => move.Outcome).ThenBy(move => move.Vm.Id)], match.IsMaximum);

        PlannedMove Stay(int vm)
        {
            var comers = movable.Select((other, i) => (Other: other, Host: match.Hosts[i])).ToLookup(
                pair => pair.Host, pair => new Occupant(pair.Other.Id, pair.Other.Name, pair.Other.PciDevices, pair.Other.Cpu, pair.Other.Ram, false));
            return StayingMoves.Explain(
                movable[vm],
                [.. targets.Select((target, host) => target with { Occupants = [.. target.Occupants.Where(one => !one.IsLeaving), .. comers[host]] })],
                rest,
                dimensions);
        }
    }

    /// <summary>A virtual machine goes to a host.</summary>
    public static PlannedMove Move(MovingVm vm, MoveTarget target, MoveEstimates estimates) => vm.PciDevices.IsEmpty
        ? new PlannedMove(vm, MoveOutcome.Live) { Target = target }
        : new PlannedMove(vm, MoveOutcome.DetachAttach) { Target = target, Absence = estimates.AbsenceOf(vm) };

    /// <summary>Of those who go to a host, as many as there is room for now; the others follow.</summary>
    private static bool[] GoNow(MoveProblem now, MoveMatch match)
    {
        var go = new bool[match.Hosts.Count];
        foreach (var host in match.Hosts.Where(host => host >= 0).Distinct())
        {
            int[] comers = [.. Enumerable.Range(0, go.Length).Where(vm => match.Hosts[vm] == host)];
            bool[] mayGo = [true];
            var first = MoveSearch.Solve(new MoveProblem([.. comers.Select(vm => now.Asked[vm])], [now.Room[host]], [.. comers.Select(_ => mayGo)]));
            for (var i = 0; i < comers.Length; i++) go[comers[i]] = first.Hosts[i] >= 0;
        }

        return go;
    }

    /// <summary>What each host has when all who are to come have come.</summary>
    private static long[][] Left(MoveProblem problem, MoveMatch match)
    {
        long[][] left = [.. problem.Room.Select(room => (long[])room.Clone())];
        for (var vm = 0; vm < match.Hosts.Count; vm++)
        {
            if (match.Hosts[vm] >= 0) MoveDimensions.Add(left[match.Hosts[vm]], problem.Asked[vm], -1);
        }

        return left;
    }

    private static long[] Sum(long[] first, IEnumerable<long[]> more)
    {
        var sum = (long[])first.Clone();
        foreach (var one in more) MoveDimensions.Add(sum, one);
        return sum;
    }
}
