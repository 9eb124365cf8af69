namespace PciBus.Tests.Support;

/// <summary>Files of command texts: sorted, each ended by a semicolon and an empty line.</summary>
internal static class CommandTexts
{
    private const string Separator = ";\n\n";

    public static IReadOnlyList<string> Read(string path) =>
        File.Exists(path) ? File.ReadAllText(path).Split(Separator, StringSplitOptions.RemoveEmptyEntries) : [];

    public static void Write(string path, IEnumerable<string> texts)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, string.Concat(texts.Distinct().Order(StringComparer.Ordinal).Select(text => text + Separator)));
    }
}
