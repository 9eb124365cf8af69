namespace PciBus.Management.Drain;

/// <summary>
/// Improves what a matching has found. In each round it takes most virtual machines off a few hosts, fills these anew, and keeps
/// the result when it is no worse. The random numbers have a fixed seed: the same problem has the same answer.
/// </summary>
internal sealed class MoveRefill
{
    private const int MostCleared = 4;
    private const double Cleared = 0.7;

    /// <summary>How much the random numbers change the order of virtual machines, and of hosts.</summary>
    private const double Jitter = 0.5;

    private readonly MoveBoard _board;
    private readonly double[] _sizes;
    private readonly Random _random = new(1);

    public MoveRefill(MoveBoard board)
    {
        _board = board;
        var problem = board.Problem;
        double[] all = [.. Enumerable.Range(0, problem.Room[0].Length)
            .Select(i => Math.Max(1.0, problem.Room.Sum(room => Math.Max(room[i], 0))))];
        _sizes = [.. problem.Asked.Select(asked => asked.Zip(all, (one, total) => one / total).Sum())];
    }

    /// <param name="enough">More cannot be placed.</param>
    public void Improve(int enough, long budget)
    {
        int[] hosts = [.. Enumerable.Range(0, _board.HostCount)];
        Fill(Out().ToDictionary(vm => vm, _ => hosts));
        while (_board.Placed < enough && _board.Steps < budget)
        {
            var (before, placed) = (_board.Hosts(), _board.Placed);
            var count = _random.Next(1, MostCleared + 1);
            int[] cleared = [.. Enumerable.Range(0, count).Select(_ => _random.Next(_board.HostCount)).Distinct()];
            // Virtual machines that had no host before have found the other hosts full.
            var mayTry = Out().ToDictionary(vm => vm, _ => cleared);
            for (var vm = 0; vm < _board.VmCount; vm++)
            {
                if (!cleared.Contains(_board.HostOf(vm)) || _random.NextDouble() >= Cleared) continue;
                _board.Take(vm);
                mayTry[vm] = hosts;
            }

            Fill(mayTry);
            if (_board.Placed < placed) _board.Restore(before);
        }
    }

    private IEnumerable<int> Out() => Enumerable.Range(0, _board.VmCount).Where(vm => _board.HostOf(vm) < 0);

    /// <summary>Puts the small virtual machines first, each where it leaves least.</summary>
    private void Fill(Dictionary<int, int[]> mayTry)
    {
        foreach (var vm in mayTry.Keys.OrderBy(vm => _sizes[vm] * Noise()).ToList())
        {
            var (best, least) = (-1, double.MaxValue);
            foreach (var host in mayTry[vm])
            {
                if (!_board.Fits(vm, host)) continue;
                var left = _board.LeftBy(vm, host) * Noise();
                if (left < least) (best, least) = (host, left);
            }

            if (best >= 0) _board.Put(vm, best);
        }
    }

    private double Noise() => 1 + (Jitter * _random.NextDouble());
}
