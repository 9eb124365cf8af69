namespace PciBus.Tests.Benchmarks;

/// <summary>Milliseconds of a placement.</summary>
/// <param name="Statements">Those of its SQL statements alone.</param>
internal readonly record struct PlacementTime(double Total, double Statements)
{
    public static PlacementTime P50(IReadOnlyCollection<PlacementTime> times) =>
        new(Figure.Median(times.Select(time => time.Total)), Figure.Median(times.Select(time => time.Statements)));
}
