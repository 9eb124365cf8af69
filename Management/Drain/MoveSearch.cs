namespace PciBus.Management.Drain;

/// <summary>
/// Puts as many virtual machines on hosts as it can: finds a matching, and improves it as long as the bounds allow more. The same
/// problem has the same answer: the search ends after a number of steps, not after a time.
/// </summary>
internal static class MoveSearch
{
    /// <summary>The numbers that a search may look at: some hundred milliseconds.</summary>
    public const long Budget = 30_000_000;

    public static MoveMatch Solve(MoveProblem problem, long budget = Budget)
    {
        var (vms, hosts) = (problem.Asked.Length, problem.Room.Length);
        if (vms == 0 || hosts == 0) return new MoveMatch([.. Enumerable.Repeat(-1, vms)], 0);
        // Virtual machines that ask for the same and may go to the same hosts have the same number.
        var all = Enumerable.Range(0, vms).ToList();
        var shapes = Number(all.Select(vm => $"{string.Join(',', problem.Asked[vm])};{string.Join(',', problem.MayGo[vm])}"));
        List<MoveShape> alike = [.. all.GroupBy(vm => shapes[vm]).Select(same => new MoveShape(same.First(), same.Count()))];
        var bound = MoveBound.Of(problem, alike);
        // The undemanding come first, as more of them find room.
        int[] order = [.. all
            .OrderByDescending(vm => Enumerable.Range(0, hosts).Count(host => problem.Fits(vm, host)))
            .ThenBy(vm => problem.Asked[vm].Skip(MoveDimensions.FirstName).Sum())
            .ThenBy(vm => problem.Asked[vm][1])
            .ThenBy(vm => vm)];
        var board = new MoveBoard(problem);
        new MoveMatching(board, shapes, budget / 2).Place(order);
        if (board.Placed < bound) bound = Math.Min(bound, new MovePrices(problem, alike).Bound(board.Placed));
        new MoveRefill(board).Improve(bound, budget);
        return new MoveMatch(board.Hosts(), bound);
    }

    private static int[] Number(IEnumerable<string> texts)
    {
        var numbers = new Dictionary<string, int>();
        return [.. texts.Select(text => numbers.TryAdd(text, numbers.Count) ? numbers.Count - 1 : numbers[text])];
    }
}
