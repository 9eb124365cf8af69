namespace PciBus.Management.Drain;

/// <summary>
/// A bound on how many virtual machines have room. It limits, for each host, how many come in all, and how many of those that ask
/// for the same name first. It is exact when each asks for one device, and CPU and RAM are plenty.
/// </summary>
internal sealed class MoveBound
{
    private readonly MoveProblem _problem;
    private readonly IReadOnlyList<MoveShape> _shapes;
    private readonly int[] _classes;
    private readonly int _classCount;

    /// <summary>Shapes in each dimension, those that ask for least first.</summary>
    private readonly int[][] _byDimension;

    private MoveBound(MoveProblem problem, IReadOnlyList<MoveShape> shapes)
    {
        _problem = problem;
        _shapes = shapes;
        _classes = [.. shapes.Select(ClassOf)];
        _classCount = problem.Room[0].Length;
        _byDimension = [.. Enumerable.Range(0, _classCount).Select(dimension =>
            Enumerable.Range(0, shapes.Count).OrderBy(shape => Asked(shape, dimension)).ToArray())];
    }

    public static int Of(MoveProblem problem, IReadOnlyList<MoveShape> shapes) => new MoveBound(problem, shapes).Flow();

    private int Flow()
    {
        var (shapes, hosts) = (_shapes.Count, _problem.Room.Length);
        var flow = new MoveFlow(2 + shapes + (hosts * (_classCount + 1)));
        for (var shape = 0; shape < shapes; shape++) flow.Connect(0, 2 + shape, _shapes[shape].Count);
        for (var host = 0; host < hosts; host++)
        {
            var node = 2 + shapes + (host * (_classCount + 1));
            int[] fitting = [.. _shapes.Select(shape => _problem.Fits(shape.Sample, host) ? shape.Count : 0)];
            flow.Connect(node, 1, Most(fitting, host, null));
            for (var one = 0; one < _classCount; one++) flow.Connect(node + 1 + one, node, Most(fitting, host, one));
            for (var shape = 0; shape < shapes; shape++) flow.Connect(2 + shape, node + 1 + _classes[shape], fitting[shape]);
        }

        return flow.Most(0, 1);
    }

    /// <summary>The dimension by which a shape is counted: the first name it asks for, or 0.</summary>
    private int ClassOf(MoveShape shape) =>
        Math.Max(0, Array.FindIndex(_problem.Asked[shape.Sample], MoveDimensions.FirstName, asked => asked > 0));

    private long Asked(int shape, int dimension) => _problem.Asked[_shapes[shape].Sample][dimension];

    /// <summary>How many a host holds when one dimension at a time is looked at: in each, those that ask for least go first.</summary>
    /// <param name="counts">How many there are of each shape.</param>
    /// <param name="only">Of this class; null = of all.</param>
    private int Most(int[] counts, int host, int? only)
    {
        var most = int.MaxValue;
        for (var dimension = 0; dimension < _classCount; dimension++)
        {
            var (fit, free) = (0, _problem.Room[host][dimension]);
            foreach (var shape in _byDimension[dimension])
            {
                if (only is not null && _classes[shape] != only) continue;
                var asked = Asked(shape, dimension);
                var some = asked == 0 ? counts[shape] : (int)Math.Min(counts[shape], Math.Max(free, 0) / asked);
                fit += some;
                free -= some * asked;
            }

            most = Math.Min(most, fit);
        }

        return most;
    }
}
