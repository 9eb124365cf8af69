namespace PciBus.Management.Drain;

/// <summary>
/// How many virtual machines can be put anywhere at most: never too few, and cheap. Those that ask for the same and may go to
/// the same hosts are one shape; a shape that asks for devices is counted with those that want the same name first.
/// </summary>
internal sealed class MoveBound
{
    private readonly MoveProblem _problem;

    /// <summary>One virtual machine of each shape.</summary>
    private readonly int[] _samples;
    private readonly int[] _classes;
    private readonly int _classCount;
    private readonly int[][] _byDimension;

    /// <summary>How many of each shape there are from a position of the order on.</summary>
    private readonly int[][] _left;

    /// <param name="order">The virtual machines, in the order in which they are looked at.</param>
    public MoveBound(MoveProblem problem, IReadOnlyList<int> order, IReadOnlyList<int> shapes)
    {
        _problem = problem;
        var count = shapes.Count == 0 ? 0 : shapes.Max() + 1;
        _samples = [.. Enumerable.Range(0, count).Select(shape => order.First(vm => shapes[vm] == shape))];
        _classes = [.. Enumerable.Range(0, count).Select(ClassOf)];
        _classCount = problem.Room.Length == 0 ? 0 : problem.Room[0].Length;
        _byDimension = [.. Enumerable.Range(0, _classCount).Select(dimension =>
            Enumerable.Range(0, count).OrderBy(shape => problem.Asked[_samples[shape]][dimension]).ToArray())];
        _left = new int[order.Count + 1][];
        _left[order.Count] = new int[count];
        for (var position = order.Count - 1; position >= 0; position--)
        {
            _left[position] = [.. _left[position + 1]];
            _left[position][shapes[order[position]]]++;
        }
    }

    /// <summary>Numbers that <see cref="Of"/> looks at.</summary>
    public int Steps => _samples.Length * _classCount * (_classCount + 1);

    /// <summary>Of those from a position on, as if all hosts were one with this room.</summary>
    public int Of(int position, long[] room)
    {
        var sum = 0;
        for (var one = 0; one < _classCount; one++) sum += Most(_left[position], room, one);
        return Math.Min(sum, Most(_left[position], room));
    }

    /// <summary>
    /// Of all of them, host by host: each host holds so many of each class and so many in all. Exact when each asks for one
    /// device, and processors and RAM are plenty.
    /// </summary>
    public int OfAll()
    {
        var (shapes, hosts) = (_samples.Length, _problem.Room.Length);
        var all = _left[0];
        var flow = new MoveFlow(2 + shapes + (hosts * (_classCount + 1)));
        for (var shape = 0; shape < shapes; shape++) flow.Connect(0, 2 + shape, all[shape]);
        for (var host = 0; host < hosts; host++)
        {
            var node = 2 + shapes + (host * (_classCount + 1));
            var fitting = all.Select((count, shape) => _problem.Fits(_samples[shape], host) ? count : 0).ToArray();
            flow.Connect(node, 1, Most(fitting, _problem.Room[host]));
            for (var one = 0; one < _classCount; one++) flow.Connect(node + 1 + one, node, Most(fitting, _problem.Room[host], one));
            for (var shape = 0; shape < shapes; shape++) flow.Connect(2 + shape, node + 1 + _classes[shape], fitting[shape]);
        }

        return flow.Most(0, 1);
    }

    /// <summary>The dimension by which a shape is counted: the first name it asks for, or 0.</summary>
    private int ClassOf(int shape) =>
        Math.Max(0, Array.FindIndex(_problem.Asked[_samples[shape]], MoveDimensions.FirstName, asked => asked > 0));

    /// <summary>How many fit into a room, when one dimension at a time is looked at: in each the smallest go first.</summary>
    /// <param name="only">Of this class; null = of all.</param>
    private int Most(int[] counts, long[] room, int? only = null)
    {
        var most = int.MaxValue;
        for (var dimension = 0; dimension < room.Length; dimension++)
        {
            var (fit, free) = (0, room[dimension]);
            foreach (var shape in _byDimension[dimension])
            {
                if (only is not null && _classes[shape] != only) continue;
                var asked = _problem.Asked[_samples[shape]][dimension];
                var some = asked == 0 ? counts[shape] : (int)Math.Min(counts[shape], Math.Max(free, 0) / asked);
                fit += some;
                free -= some * asked;
            }

            most = Math.Min(most, fit);
        }

        return most;
    }
}
