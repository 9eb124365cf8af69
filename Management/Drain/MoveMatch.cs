namespace PciBus.Management.Drain;

/// <summary>Who is put where.</summary>
/// <param name="Hosts">Index of the host of each virtual machine; -1 = none.</param>
/// <param name="Bound">No more can be put anywhere: a proved bound.</param>
internal sealed record MoveMatch(IReadOnlyList<int> Hosts, int Bound)
{
    public int Count => Hosts.Count(host => host >= 0);

    /// <summary>Up to <see cref="MoveSubsets.MostVms"/> virtual machines: the maximum; more: the best that a search finds.</summary>
    public static MoveMatch Of(MoveProblem problem, long budget = MoveSearch.Budget) =>
        problem.Asked.Length <= MoveSubsets.MostVms ? MoveSubsets.Solve(problem) : MoveSearch.Solve(problem, budget);
}
