namespace PciBus.Management.Drain;

/// <summary>
/// A bound that sees what <see cref="MoveBound"/> does not: a small virtual machine fills a gap on one host only. Hosts ask prices
/// for what they have. Each virtual machine is worth 1, pays the lowest price, and keeps the rest; hosts take any number. At any
/// prices, no plan places more than all rooms cost plus what the virtual machines keep (Lagrange). Prices rise where a host is
/// overrun and fall where it has room, which brings the bound down.
/// </summary>
internal sealed class MovePrices
{
    private const int MostRounds = 200;
    private const long MostSteps = 40_000_000;

    /// <summary>Rounds without a lower bound until prices change half as fast.</summary>
    private const int Patience = 10;

    /// <summary>More than the rounding error of the sums.</summary>
    private const double Error = 1e-6;

    private readonly MoveProblem _problem;
    private readonly IReadOnlyList<MoveShape> _shapes;
    private readonly bool[][] _fits;

    /// <summary>What each host asks for the whole of its room, in each dimension.</summary>
    private readonly double[][] _prices;

    public MovePrices(MoveProblem problem, IReadOnlyList<MoveShape> shapes)
    {
        _problem = problem;
        _shapes = shapes;
        var hosts = Enumerable.Range(0, problem.Room.Length).ToList();
        _fits = [.. shapes.Select(shape => hosts.Select(host => problem.Fits(shape.Sample, host)).ToArray())];
        _prices = [.. problem.Room.Select(room => new double[room.Length])];
    }

    /// <param name="found">How many have been placed: the bound is not below.</param>
    public int Bound(int found)
    {
        var rounds = Math.Min(MostRounds, MostSteps / ((long)_shapes.Count * _prices.Length * _prices[0].Length));
        var (least, speed, inVain) = (double.MaxValue, 1.0, 0);
        for (var round = 0; round <= rounds && least + Error >= found + 1; round++)
        {
            var (value, free) = Ask();
            inVain = value < least - Error ? 0 : inVain + 1;
            least = Math.Min(least, value);
            if (inVain > Patience) (speed, inVain) = (speed / 2, 0);
            Change(free, speed * (value - found));
        }

        return (int)Math.Floor(least + Error);
    }

    /// <summary>The bound at these prices, and what part of each room is free when all have come; below 0 = it is overrun.</summary>
    private (double Value, double[][] Free) Ask()
    {
        double[][] units = [.. _prices.Select((prices, host) =>
            prices.Select((price, i) => price == 0 ? 0 : price / _problem.Room[host][i]).ToArray())];
        double[][] free = [.. _prices.Select(prices => Enumerable.Repeat(1.0, prices.Length).ToArray())];
        var value = _prices.Sum(prices => prices.Sum());
        for (var shape = 0; shape < _shapes.Count; shape++)
        {
            var asked = _problem.Asked[_shapes[shape].Sample];
            var (host, kept) = Cheapest(_fits[shape], asked, units);
            if (host < 0) continue;
            value += _shapes[shape].Count * kept;
            for (var i = 0; i < asked.Length; i++)
            {
                if (asked[i] > 0) free[host][i] -= (double)_shapes[shape].Count * asked[i] / _problem.Room[host][i];
            }
        }

        return (value, free);
    }

    private static (int Host, double Kept) Cheapest(bool[] fits, long[] asked, double[][] units)
    {
        var (best, most) = (-1, 0.0);
        for (var host = 0; host < fits.Length; host++)
        {
            if (!fits[host]) continue;
            var kept = 1.0;
            for (var i = 0; i < asked.Length; i++) kept -= units[host][i] * asked[i];
            if (kept > most) (best, most) = (host, kept);
        }

        return (best, most);
    }

    private void Change(double[][] free, double by)
    {
        var weight = 0.0;
        for (var host = 0; host < free.Length; host++)
        {
            for (var i = 0; i < free[host].Length; i++)
            {
                if (_prices[host][i] > 0 || free[host][i] < 0) weight += free[host][i] * free[host][i];
            }
        }

        if (weight == 0) return;
        for (var host = 0; host < free.Length; host++)
        {
            for (var i = 0; i < free[host].Length; i++) _prices[host][i] = Math.Max(0, _prices[host][i] - (by / weight * free[host][i]));
        }
    }
}
