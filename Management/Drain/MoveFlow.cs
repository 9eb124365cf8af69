namespace PciBus.Management.Drain;

/// <summary>A network in which as much flows as can: augmenting paths.</summary>
internal sealed class MoveFlow(int nodes)
{
    private readonly List<Edge>[] _edges = [.. Enumerable.Range(0, nodes).Select(_ => new List<Edge>())];

    public void Connect(int from, int to, int capacity)
    {
        if (capacity <= 0) return;
        var edge = new Edge(to, capacity);
        edge.Reverse = new Edge(from, 0) { Reverse = edge };
        _edges[from].Add(edge);
        _edges[to].Add(edge.Reverse);
    }

    public int Most(int source, int sink)
    {
        for (var total = 0; ;)
        {
            var more = Push(source, sink, int.MaxValue, new bool[nodes]);
            if (more == 0) return total;
            total += more;
        }
    }

    private int Push(int node, int sink, int most, bool[] seen)
    {
        if (node == sink) return most;
        seen[node] = true;
        foreach (var edge in _edges[node])
        {
            if (edge.Left == 0 || seen[edge.To]) continue;
            var pushed = Push(edge.To, sink, Math.Min(most, edge.Left), seen);
            if (pushed == 0) continue;
            edge.Left -= pushed;
            edge.Reverse.Left += pushed;
            return pushed;
        }

        return 0;
    }

    private sealed class Edge(int to, int left)
    {
        public int To { get; } = to;

        public int Left { get; set; } = left;

        public Edge Reverse { get; set; } = null!;
    }
}
