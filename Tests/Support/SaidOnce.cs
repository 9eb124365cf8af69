namespace PciBus.Tests.Support;

/// <summary>Texts that are composed of others say nothing twice.</summary>
internal static class SaidOnce
{
    /// <summary>What a text says twice; null when nothing is.</summary>
    public static string? Twice(string text)
    {
        var sentences = text.Split(["; ", ". "], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (sentences.GroupBy(sentence => sentence).FirstOrDefault(same => same.Count() > 1) is { } repeated) return repeated.Key;
        return sentences.Select(sentence => sentence.Split(": "))
            .SelectMany(parts => parts.Zip(parts.Skip(1)))
            .Where(pair => pair.First == pair.Second || pair.Second.StartsWith($"{pair.First} ", StringComparison.Ordinal))
            .Select(pair => pair.First)
            .FirstOrDefault();
    }

    /// <exception cref="InvalidOperationException">It says something twice.</exception>
    public static void Check(string? text)
    {
        if (text is not null && Twice(text) is { } twice) throw new InvalidOperationException($"\"{twice}\" is said twice: {text}");
    }
}
