using System.Text.RegularExpressions;
using PciBus.Tests.Support;

namespace PciBus.Tests.Architecture;

/// <summary>A C# file of the repository, as it is written.</summary>
internal sealed partial record SourceFile(string Path, string Text)
{
    public int Lines => Text.Count(character => character == '\n');

    /// <summary>The code without comments and without what stands in quotes.</summary>
    public string Code => CommentsAndStrings().Replace(Text, match => match.Value[0] == '/' ? "" : "\"\"");

    /// <summary>Types declared at the top level, each with the lines up to the next.</summary>
    public IReadOnlyList<(string Name, bool IsRecord, int Lines)> TopLevelTypes
    {
        get
        {
            var code = Code;
            var found = TopLevelType().Matches(code);
            return [.. found.Select((match, i) => (
                match.Groups["name"].Value,
                match.Groups["kind"].Value.StartsWith("record", StringComparison.Ordinal),
                code[match.Index..(i + 1 < found.Count ? found[i + 1].Index : code.Length)].Count(character => character == '\n')))];
        }
    }

    /// <summary>The namespaces that it opens, aliases and static ones aside, in its order.</summary>
    public IReadOnlyList<string> Usings => [.. Using().Matches(Code).Select(match => match.Groups["name"].Value)];

    public static IReadOnlyList<SourceFile> All { get; } =
    [
        .. new[] { "Contracts", "Management", "Agent", "Tests" }
            .SelectMany(project => Directory.EnumerateFiles(Checkout.PathOf(project), "*.cs", SearchOption.AllDirectories))
            .Select(path => (path, name: System.IO.Path.GetRelativePath(Checkout.Root, path).Replace('\\', '/')))
            .Where(file => !file.name.Contains("/obj/", StringComparison.Ordinal) && !file.name.Contains("/bin/", StringComparison.Ordinal))
            .Select(file => new SourceFile(file.name, File.ReadAllText(file.path))),
    ];

    [GeneratedRegex("""(?s)//[^\n]*|/\*.*?\*/|\"{3,}.*?\"{3,}|@"(?:""|[^"])*"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'""")]
    private static partial Regex CommentsAndStrings();

    [GeneratedRegex(@"^using (?<name>[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Using();

    [GeneratedRegex(@"^(?:\[.*\]\s*)?(?:(?:public|internal|file|static|sealed|abstract|partial|readonly|ref|unsafe) )*(?<kind>class|struct|interface|enum|record struct|record class|record|delegate [\w<>?,. ]+) +(?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex TopLevelType();
}
