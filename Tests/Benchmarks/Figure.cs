using System.Text.Json;

namespace PciBus.Tests.Benchmarks;

/// <summary>One measured figure: printed as one JSON line, the median of its runs.</summary>
internal static class Figure
{
    /// <summary>How often each figure is measured: 3 times, or once when only its order of size is asked for (<c>--once</c>).</summary>
    public static int Runs { get; set; } = 3;

    /// <summary>Measures as often as asked for and prints the median.</summary>
    public static async Task<double> MedianAsync(string name, string unit, Func<Task<double>> measure)
    {
        var values = new List<double>();
        for (var run = 0; run < Runs; run++) values.Add(await measure());
        return Print(name, unit, values);
    }

    public static double Print(string name, string unit, List<double> values)
    {
        var median = Median(values);
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            figure = name,
            unit,
            median = Math.Round(median, 4),
            min = Math.Round(values.Min(), 4),
            max = Math.Round(values.Max(), 4),
            runs = values.Count,
        }));
        return median;
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[(sorted.Count / 2) - 1] + sorted[sorted.Count / 2]) / 2;
    }
}
