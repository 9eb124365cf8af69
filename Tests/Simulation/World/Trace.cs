using System.Globalization;
using System.Text.RegularExpressions;

namespace PciBus.Tests.Simulation.World;

/// <summary>
/// What happened, readable: time, actor, event. Guids are shown as short names in the order in which they turn up, so that
/// two runs of a seed can be compared.
/// </summary>
internal sealed partial class Trace(SimulationLoop loop)
{
    private readonly List<(TimeSpan At, string Actor, string Text)> _lines = [];

    public int Count => _lines.Count;

    public void Add(string actor, string text) => _lines.Add((loop.Elapsed, actor, text));

    public string Render(int last = int.MaxValue)
    {
        var names = new Dictionary<string, string>();
        var lines = _lines.Select(line => Guids().Replace(
            string.Create(CultureInfo.InvariantCulture, $"{line.At:hh\\:mm\\:ss\\.fff} {line.Actor,-8} {line.Text}"),
            match =>
            {
                var guid = match.Value.ToUpperInvariant();
                if (!names.TryGetValue(guid, out var name)) names.Add(guid, name = string.Create(CultureInfo.InvariantCulture, $"#{names.Count + 1}"));
                return name;
            })).ToList();
        return string.Join('\n', lines.TakeLast(last));
    }

    [GeneratedRegex("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|[0-9a-f]{32}")]
    private static partial Regex Guids();
}
