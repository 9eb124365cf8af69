namespace PciBus.Contracts.Connection;

/// <summary>A line of a properties file that says something.</summary>
/// <param name="Number">From 1; of a line that goes on in the next, the first.</param>
/// <param name="Key">Unescaped.</param>
/// <param name="Value">Unescaped; null when nothing parts a value from the key.</param>
public sealed record PropertyLine(int Number, string Key, string? Value);
