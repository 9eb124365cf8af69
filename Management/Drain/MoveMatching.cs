namespace PciBus.Management.Drain;

/// <summary>
/// Finds room for one virtual machine after the other. A virtual machine in its way goes to another host that has room for it, or
/// that makes room in the same way (augmenting paths). The result is the maximum when each asks for one device, and CPU and RAM are
/// plenty.
/// </summary>
internal sealed class MoveMatching(MoveBoard board, IReadOnlyList<int> shapes, long budget)
{
    /// <param name="order">The virtual machines, the first ones first. None loses its room to a later one.</param>
    public void Place(IReadOnlyList<int> order)
    {
        var before = -1;
        while (board.Placed > before)
        {
            before = board.Placed;
            // When a virtual machine finds no room, those of its shape find none in this round: a later success opens no path for them.
            var inVain = new HashSet<int>();
            foreach (var vm in order)
            {
                if (board.HostOf(vm) >= 0 || inVain.Contains(shapes[vm])) continue;
                if (!Place(vm, new bool[board.HostCount])) inVain.Add(shapes[vm]);
            }
        }
    }

    private bool Place(int vm, bool[] seen)
    {
        for (var host = 0; host < board.HostCount; host++)
        {
            if (!board.Fits(vm, host)) continue;
            board.Put(vm, host);
            return true;
        }

        for (var host = 0; host < board.HostCount; host++)
        {
            if (seen[host] || !board.Problem.Fits(vm, host)) continue;
            seen[host] = true;
            if (TakesPlaceOfAnother(vm, host, seen)) return true;
        }

        return false;
    }

    private bool TakesPlaceOfAnother(int vm, int host, bool[] seen)
    {
        var tried = new HashSet<int>();
        for (var other = 0; other < board.VmCount && board.Steps < budget; other++)
        {
            if (board.HostOf(other) != host || !tried.Add(shapes[other])) continue;
            board.Take(other);
            if (board.Fits(vm, host))
            {
                board.Put(vm, host);
                if (Place(other, seen)) return true;
                board.Take(vm);
            }

            board.Put(other, host);
        }

        return false;
    }
}
