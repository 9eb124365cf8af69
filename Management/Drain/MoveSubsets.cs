using System.Numerics;

namespace PciBus.Management.Drain;

/// <summary>
/// Puts as many of a few virtual machines on hosts as can be. It finds all of their subsets for which the first host has room,
/// then those for which the first two hosts have room, and so on. A subset is a number with a bit for each virtual machine.
/// </summary>
internal static class MoveSubsets
{
    public const int MostVms = 8;

    public static MoveMatch Solve(MoveProblem problem)
    {
        var asked = Sums(problem);
        // A part of the subset goes to this host, the others go to hosts before it; -1 = there is no room for the subset.
        var parts = new (int Host, int Part)[asked.Length];
        Array.Fill(parts, (-1, 0), 1, parts.Length - 1);
        for (var host = 0; host < problem.Room.Length; host++)
        {
            int[] fitting = [.. Enumerable.Range(1, asked.Length - 1).Where(part =>
                Vms(part).All(vm => problem.MayGo[vm][host]) && MoveDimensions.Covers(problem.Room[host], asked[part]))];
            // Large subsets come first: what is left of a subset without its part has not seen this host yet.
            for (var subset = asked.Length - 1; subset > 0; subset--)
            {
                if (parts[subset].Host >= 0) continue;
                foreach (var part in fitting)
                {
                    if ((part & ~subset) != 0 || (subset != part && parts[subset ^ part].Host < 0)) continue;
                    parts[subset] = (host, part);
                    break;
                }
            }
        }

        var best = Enumerable.Range(0, asked.Length)
            .Where(subset => subset == 0 || parts[subset].Host >= 0)
            .MaxBy(subset => BitOperations.PopCount((uint)subset));
        var hosts = new int[problem.Asked.Length];
        Array.Fill(hosts, -1);
        for (var left = best; left != 0; left ^= parts[left].Part)
        {
            foreach (var vm in Vms(parts[left].Part)) hosts[vm] = parts[left].Host;
        }

        return new MoveMatch(hosts, BitOperations.PopCount((uint)best));
    }

    /// <summary>What each subset asks for.</summary>
    private static long[][] Sums(MoveProblem problem)
    {
        var sums = new long[1 << problem.Asked.Length][];
        for (var subset = 0; subset < sums.Length; subset++)
        {
            sums[subset] = new long[problem.Room.Length == 0 ? 0 : problem.Room[0].Length];
            foreach (var vm in Vms(subset)) MoveDimensions.Add(sums[subset], problem.Asked[vm]);
        }

        return sums;
    }

    private static IEnumerable<int> Vms(int subset)
    {
        for (; subset != 0; subset &= subset - 1) yield return BitOperations.TrailingZeroCount(subset);
    }
}
