namespace PciBus.Tests.Support;

/// <summary>A life cycle as sorted lines, to be compared with another.</summary>
internal static class TransitionTable
{
    public delegate bool TryNext<TState, TEvent>(TState state, TEvent @event, out TState next);

    /// <summary>Reads lines of <c>from | event event ... | to</c>; every name must exist.</summary>
    public static IReadOnlyList<string> Read<TState, TEvent>(string table) where TState : struct, Enum where TEvent : struct, Enum =>
        [.. table.Split('\n')
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .SelectMany(parts => parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(@event =>
                Line(Enum.Parse<TState>(parts[0]), Enum.Parse<TEvent>(@event), Enum.Parse<TState>(parts[2]))))
            .Order(StringComparer.Ordinal)];

    /// <summary>Asks a life cycle about every pair.</summary>
    public static IReadOnlyList<string> Of<TState, TEvent>(TryNext<TState, TEvent> tryNext)
        where TState : struct, Enum where TEvent : struct, Enum
    {
        var lines = new List<string>();
        foreach (var state in Enum.GetValues<TState>())
        {
            foreach (var @event in Enum.GetValues<TEvent>())
            {
                if (tryNext(state, @event, out var next)) lines.Add(Line(state, @event, next));
            }
        }

        return [.. lines.Order(StringComparer.Ordinal)];
    }

    private static string Line<TState, TEvent>(TState from, TEvent @event, TState to) => $"{from} + {@event} -> {to}";
}
