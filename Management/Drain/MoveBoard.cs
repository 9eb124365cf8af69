namespace PciBus.Management.Drain;

/// <summary>Where each virtual machine is put for now, and what room the hosts have left.</summary>
internal sealed class MoveBoard
{
    private readonly int[] _hosts;
    private readonly long[][] _room;

    public MoveBoard(MoveProblem problem)
    {
        Problem = problem;
        _hosts = new int[problem.Asked.Length];
        Array.Fill(_hosts, -1);
        _room = [.. problem.Room.Select(room => (long[])room.Clone())];
    }

    public MoveProblem Problem { get; }

    public int VmCount => _hosts.Length;

    public int HostCount => _room.Length;

    /// <summary>How many virtual machines have a host.</summary>
    public int Placed { get; private set; }

    /// <summary>Numbers looked at so far: the measure of work, which is the same on every machine.</summary>
    public long Steps { get; private set; }

    /// <returns>-1 = none.</returns>
    public int HostOf(int vm) => _hosts[vm];

    public int[] Hosts() => [.. _hosts];

    public bool Fits(int vm, int host)
    {
        Steps += _room[host].Length;
        return Problem.MayGo[vm][host] && MoveDimensions.Covers(_room[host], Problem.Asked[vm]);
    }

    /// <summary>What part of each dimension of a host is left if the virtual machine comes, added up: 0 = it fills the host.</summary>
    public double LeftBy(int vm, int host)
    {
        var (room, whole, asked) = (_room[host], Problem.Room[host], Problem.Asked[vm]);
        Steps += room.Length;
        var left = 0.0;
        for (var i = 0; i < room.Length; i++) left += (double)(room[i] - asked[i]) / Math.Max(whole[i], 1);
        return left;
    }

    public void Put(int vm, int host)
    {
        _hosts[vm] = host;
        MoveDimensions.Add(_room[host], Problem.Asked[vm], -1);
        Placed++;
    }

    public void Take(int vm)
    {
        MoveDimensions.Add(_room[_hosts[vm]], Problem.Asked[vm]);
        _hosts[vm] = -1;
        Placed--;
    }

    /// <summary>Puts all virtual machines where they were.</summary>
    public void Restore(int[] hosts)
    {
        for (var vm = 0; vm < hosts.Length; vm++)
        {
            if (_hosts[vm] >= 0 && _hosts[vm] != hosts[vm]) Take(vm);
        }

        for (var vm = 0; vm < hosts.Length; vm++)
        {
            if (_hosts[vm] != hosts[vm]) Put(vm, hosts[vm]);
        }
    }
}
