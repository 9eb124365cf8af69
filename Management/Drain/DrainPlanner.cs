using PciBus.Management.Hosts.Maintenance;

namespace PciBus.Management.Drain;

/// <summary>
/// Plans how a host is emptied. The plan moves as many virtual machines as possible, and says of the others why they stay. A virtual
/// machine that leaves this host frees nothing on others, and the plan moves no virtual machine on other hosts out of the way. The plan
/// counts on what virtual machines free that are leaving other hosts already: some moves begin at once, others follow when these have left.
/// More moves in the end count more than more moves at once. The plan counts free devices by name; only a claim shows whether two of them
/// can be used apart.
/// </summary>
internal static class DrainPlanner
{
    /// <summary>A search on one host is small, and there may be one for each host.</summary>
    private const long BudgetOfOneHost = MoveSearch.Budget / 200;

    /// <param name="vms">All virtual machines that have something on the host.</param>
    /// <param name="targets">Where they may go, by preference.</param>
    /// <param name="estimates">What absences are guessed by.</param>
    public static DrainPlan Plan(IReadOnlyList<MovingVm> vms, IReadOnlyList<MoveTarget> targets, MoveEstimates estimates)
    {
        var dimensions = new MoveDimensions(vms);
        List<MovingVm> movable = [.. vms.Where(vm => vm is { IsLeaving: false, Immovable: null })];
        var now = Problem(movable, targets, dimensions);
        var end = now with
        {
            Room = [.. targets.Select((target, i) => Sum(now.Room[i], target.Occupants.Where(one => one.IsLeaving).Select(dimensions.Of)))],
        };
        var match = Match(now, end, targets);
        var goesNow = GoNow(now, match);
        var staying = new StayingMoves(targets, Arriving(movable, targets, match), Left(end, match), dimensions);
        var following = new FollowingMoves(targets, Left(now, match, goesNow), dimensions);
        var moves = movable.Select((vm, i) => match.Hosts[i] switch
        {
            -1 => staying.Explain(vm),
            var host when goesNow[i] => Move(vm, targets[host], estimates),
            var host => following.Follow(vm, host),
        });
        var others = vms.Where(vm => vm.IsLeaving || vm.Immovable is not null).Select(vm => vm.IsLeaving
            ? new PlannedMove(vm, MoveOutcome.Leaves)
            : new PlannedMove(vm, MoveOutcome.Cannot) { Reasons = [vm.Immovable!] });
        return new DrainPlan([.. moves.Concat(others).OrderBy(move => move.Outcome).ThenBy(move => move.Vm.Id)], match.Bound);
    }

    /// <summary>Which virtual machine may go where, with what is free at this moment.</summary>
    public static MoveProblem Problem(IReadOnlyList<MovingVm> vms, IReadOnlyList<MoveTarget> targets, MoveDimensions dimensions) => new(
        [.. vms.Select(dimensions.Of)],
        [.. targets.Select(target => dimensions.Of(target.Free, target.Cpu, target.Ram))],
        [.. vms.Select(vm => targets.Select(target => target.HasTagsOf(vm)).ToArray())]);

    /// <summary>Uses what will be free in the end only when fewer could move at once.</summary>
    private static MoveMatch Match(MoveProblem now, MoveProblem end, IReadOnlyList<MoveTarget> targets)
    {
        var match = MoveMatch.Of(end);
        if (!targets.Any(target => target.Occupants.Any(one => one.IsLeaving))) return match;
        var atOnce = MoveMatch.Of(now);
        return atOnce.Count >= match.Count ? atOnce with { Bound = match.Bound } : match;
    }

    public static PlannedMove Move(MovingVm vm, MoveTarget target, MoveEstimates estimates) => vm.PciDevices.IsEmpty
        ? new PlannedMove(vm, MoveOutcome.Live) { Target = target }
        : new PlannedMove(vm, MoveOutcome.DetachAttach) { Target = target, Absence = estimates.AbsenceOf(vm) };

    /// <summary>Of the virtual machines that go to a host, as many as it has room for now; the others follow.</summary>
    private static bool[] GoNow(MoveProblem now, MoveMatch match)
    {
        var go = new bool[match.Hosts.Count];
        foreach (var host in match.Hosts.Where(host => host >= 0).Distinct())
        {
            int[] comers = [.. Enumerable.Range(0, go.Length).Where(vm => match.Hosts[vm] == host)];
            bool[] mayGo = [true];
            var all = Sum(new long[now.Room[host].Length], comers.Select(vm => now.Asked[vm]));
            var first = MoveDimensions.Covers(now.Room[host], all) ? null : MoveMatch.Of(
                new MoveProblem([.. comers.Select(vm => now.Asked[vm])], [now.Room[host]], [.. comers.Select(_ => mayGo)]),
                BudgetOfOneHost);
            for (var i = 0; i < comers.Length; i++) go[comers[i]] = first is null || first.Hosts[i] >= 0;
        }

        return go;
    }

    /// <summary>The virtual machines that come to each host, with what they will have there.</summary>
    private static ILookup<long, Occupant> Arriving(List<MovingVm> vms, IReadOnlyList<MoveTarget> targets, MoveMatch match) => vms
        .Select((vm, i) => (Vm: vm, Host: match.Hosts[i]))
        .Where(pair => pair.Host >= 0)
        .ToLookup(
            pair => targets[pair.Host].Id,
            pair => new Occupant(pair.Vm.Id, pair.Vm.Name, pair.Vm.PciDevices, pair.Vm.Cpu, pair.Vm.Ram, IsLeaving: false)
            {
                Uuid = pair.Vm.Uuid,
                IsArriving = true,
            });

    /// <summary>What each host has left when the virtual machines have come.</summary>
    /// <param name="some">Whether each comes; null = all do.</param>
    private static long[][] Left(MoveProblem problem, MoveMatch match, bool[]? some = null)
    {
        long[][] left = [.. problem.Room.Select(room => (long[])room.Clone())];
        for (var vm = 0; vm < match.Hosts.Count; vm++)
        {
            if (match.Hosts[vm] >= 0 && (some is null || some[vm])) MoveDimensions.Add(left[match.Hosts[vm]], problem.Asked[vm], -1);
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
