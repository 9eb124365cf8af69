namespace PciBus.Management.Drain;

/// <summary>
/// Puts as many virtual machines on hosts as can be. First each is put somewhere, and those in its way elsewhere, which finds
/// the maximum when each asks for one device; what is better yet is found by branch and bound. The same problem has the same
/// answer: the search ends after so many steps, not after some time.
/// </summary>
internal sealed class MoveSearch
{
    /// <summary>Numbers looked at: some hundred milliseconds.</summary>
    private const long Budget = 100_000_000;

    private readonly MoveProblem _problem;

    /// <summary>Those that ask for the same and may go to the same hosts have the same number; so have hosts to which the same may go.</summary>
    private readonly int[] _shapes, _kinds;
    private readonly int[] _order;
    private readonly MoveBound _bound;
    private readonly int _ceiling;
    private readonly int[] _host;
    private readonly long[][] _room;
    private readonly long[] _total;
    private int[] _best = [];
    private int _bestCount = -1;
    private long _steps;

    private MoveSearch(MoveProblem problem)
    {
        _problem = problem;
        var vms = Enumerable.Range(0, problem.Asked.Length).ToList();
        var hosts = Enumerable.Range(0, problem.Room.Length).ToList();
        _shapes = Number(vms.Select(vm => $"{string.Join(',', problem.Asked[vm])};{string.Join(',', problem.MayGo[vm])}"));
        _kinds = Number(hosts.Select(host => string.Join(',', problem.MayGo.Select(may => may[host]))));
        // The hardest first, alike ones together.
        _order = [.. vms.OrderBy(vm => hosts.Count(host => problem.Fits(vm, host)))
            .ThenByDescending(vm => problem.Asked[vm].Skip(MoveDimensions.FirstName).Sum())
            .ThenByDescending(vm => problem.Asked[vm][1])
            .ThenBy(vm => _shapes[vm]).ThenBy(vm => vm)];
        _bound = new MoveBound(problem, _order, _shapes);
        _ceiling = _bound.OfAll();
        _host = new int[vms.Count];
        _room = [.. problem.Room.Select(room => (long[])room.Clone())];
        _total = problem.Room.Length == 0 ? [] : new long[problem.Room[0].Length];
        foreach (var room in _room) MoveDimensions.Add(_total, [.. room.Select(free => Math.Max(free, 0))]);
        Array.Fill(_host, -1);
    }

    private bool IsOver => _bestCount >= _ceiling || _steps > Budget;

    public static MoveMatch Solve(MoveProblem problem)
    {
        var search = new MoveSearch(problem);
        // The small ones first, as more of them find room; then the large ones first, which are harder to find room for.
        search.Augment([.. search._order.GroupBy(vm => search._shapes[vm]).Reverse().SelectMany(alike => alike)]);
        if (!search.IsOver) search.Augment(search._order);
        if (!search.IsOver) search.Branch(0, 0);
        return new MoveMatch(search._best, search._bestCount >= search._ceiling || search._steps <= Budget);
    }

    private void Augment(IReadOnlyList<int> order)
    {
        for (var again = true; again;)
        {
            again = false;
            foreach (var vm in order.Where(vm => _host[vm] < 0)) again |= Place(vm, new bool[_room.Length]);
        }

        Keep(_host.Count(host => host >= 0));
        foreach (var vm in order) Take(vm);
    }

    /// <summary>Finds room for one, if need be by having others make room that find some elsewhere.</summary>
    private bool Place(int vm, bool[] seen)
    {
        for (var host = 0; host < _room.Length; host++)
        {
            if (!Fits(vm, host)) continue;
            Put(vm, host);
            return true;
        }

        for (var host = 0; host < _room.Length; host++)
        {
            if (seen[host] || !_problem.Fits(vm, host)) continue;
            seen[host] = true;
            var tried = new HashSet<int>();
            for (var other = 0; other < _host.Length; other++)
            {
                if (_host[other] != host || !tried.Add(_shapes[other])) continue;
                Take(other);
                if (Fits(vm, host))
                {
                    Put(vm, host);
                    if (Place(other, seen)) return true;
                    Take(vm);
                }

                Put(other, host);
            }
        }

        return false;
    }

    /// <summary>
    /// Tries each host for one after the other, and none. Of those that are alike the later one goes no further to the front, and
    /// of hosts that are alike one is tried.
    /// </summary>
    private void Branch(int position, int placed)
    {
        Keep(placed);
        _steps += _bound.Steps;
        if (position == _order.Length || placed + _bound.Of(position, _total) <= _bestCount) return;
        var vm = _order[position];
        var hasTwin = position > 0 && _shapes[_order[position - 1]] == _shapes[vm];
        var first = hasTwin ? _host[_order[position - 1]] : 0;
        var tried = new List<int>();
        for (var host = first; first >= 0 && host < _room.Length && !IsOver; host++)
        {
            _steps += _total.Length;
            if (!Fits(vm, host) || tried.Exists(other => AreAlike(other, host))) continue;
            tried.Add(host);
            Put(vm, host);
            Branch(position + 1, placed + 1);
            Take(vm);
        }

        if (!IsOver) Branch(position + 1, placed);
    }

    private static int[] Number(IEnumerable<string> texts)
    {
        var numbers = new Dictionary<string, int>();
        return [.. texts.Select(text => numbers.TryAdd(text, numbers.Count) ? numbers.Count - 1 : numbers[text])];
    }

    private bool Fits(int vm, int host) => _problem.MayGo[vm][host] && MoveDimensions.Covers(_room[host], _problem.Asked[vm]);

    /// <summary>As many of the same are free on both, and whoever may go to one may go to the other.</summary>
    private bool AreAlike(int one, int other)
    {
        _steps++;
        return _kinds[one] == _kinds[other] && _room[one].AsSpan().SequenceEqual(_room[other]);
    }

    private void Put(int vm, int host)
    {
        _host[vm] = host;
        MoveDimensions.Add(_room[host], _problem.Asked[vm], -1);
        MoveDimensions.Add(_total, _problem.Asked[vm], -1);
    }

    private void Take(int vm)
    {
        if (_host[vm] < 0) return;
        MoveDimensions.Add(_room[_host[vm]], _problem.Asked[vm]);
        MoveDimensions.Add(_total, _problem.Asked[vm]);
        _host[vm] = -1;
    }

    private void Keep(int placed)
    {
        if (placed <= _bestCount) return;
        (_best, _bestCount) = ([.. _host], placed);
    }
}
