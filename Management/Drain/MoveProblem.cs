namespace PciBus.Management.Drain;

/// <summary>Which virtual machine is to go to which host, as numbers.</summary>
/// <param name="Asked">What each virtual machine asks for.</param>
/// <param name="Room">What each host has, in the same dimensions.</param>
/// <param name="MayGo">Whether the virtual machine (first index) may be on the host at all.</param>
internal sealed record MoveProblem(long[][] Asked, long[][] Room, bool[][] MayGo)
{
    public bool Fits(int vm, int host) => MayGo[vm][host] && MoveDimensions.Covers(Room[host], Asked[vm]);
}

/// <summary>Virtual machines that ask for the same and may go to the same hosts.</summary>
/// <param name="Sample">One of them.</param>
internal sealed record MoveShape(int Sample, int Count);

/// <summary>Which virtual machine goes to which host.</summary>
/// <param name="Hosts">Index of the host of each virtual machine; -1 = none.</param>
/// <param name="Bound">A proved bound: no more virtual machines than this can be placed.</param>
internal sealed record MoveMatch(IReadOnlyList<int> Hosts, int Bound)
{
    public int Count => Hosts.Count(host => host >= 0);

    /// <summary>Up to <see cref="MoveSubsets.MostVms"/> virtual machines: the maximum; more: the best that a search finds.</summary>
    public static MoveMatch Of(MoveProblem problem, long budget = MoveSearch.Budget) =>
        problem.Asked.Length <= MoveSubsets.MostVms ? MoveSubsets.Solve(problem) : MoveSearch.Solve(problem, budget);
}
