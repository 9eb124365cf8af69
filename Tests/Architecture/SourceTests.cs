using System.Text.RegularExpressions;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Architecture;

/// <summary>Habits that the compiler does not see.</summary>
public sealed class SourceTests
{
    private const int LongestFile = 300;
    private const int WidestLine = 140;

    /// <summary>An enum, a record, a mapping or a thin consumer may stand with the type that it belongs to.</summary>
    private const int LongestCompanion = 30;

    public static IEnumerable<TheoryDataRow<string>> Habits => Broken.Keys.Select(habit => new TheoryDataRow<string>(habit));

    private static Dictionary<string, Func<SourceFile, bool>> Broken { get; } = new()
    {
        ["a file has 300 lines at most"] = file => file.Lines > LongestFile,
        ["a line of the product has 140 columns at most"] = file => !file.Path.StartsWith("Tests/", StringComparison.Ordinal)
            && file.Text.Split('\n').Any(line => line.Length > WidestLine),
        ["no tabs"] = file => file.Text.Contains('\t', StringComparison.Ordinal),
        ["no regions"] = file => Regex.IsMatch(file.Code, @"^\s*#region", RegexOptions.Multiline),
        ["no async void"] = file => Regex.IsMatch(file.Code, @"\basync\s+void\b"),
        ["one type in a file, with small companions"] = file => !IsOneThing(file),
        ["usings stand in order, System's first"] = file => !file.Usings.SequenceEqual(
            file.Usings.OrderByDescending(name => name.Split('.')[0] == "System").ThenBy(name => name, StringComparer.OrdinalIgnoreCase)),
        ["the program is an index of 40 lines"] = file =>
            file.Path.EndsWith("/Program.cs", StringComparison.Ordinal) && file.Lines > 40,
    };

    [Theory]
    [MemberData(nameof(Habits))]
    public void Sources_KeepTheHabit(string habit)
    {
        var broken = SourceFile.All.Where(Broken[habit]).Select(file => $"{file.Path} ({file.Lines} lines)").ToList();
        Assert.True(broken.Count == 0, $"{habit}:\n{string.Join('\n', broken)}");
    }

    [Theory]
    [InlineData("no tabs", "class A\n{\n\t}\n")]
    [InlineData("no regions", "class A\n{\n    #region All\n    #endregion\n}\n")]
    [InlineData("no async void", "class A\n{\n    async void Go() { }\n}\n")]
    [InlineData("usings stand in order, System's first", "using Xunit;\nusing System.Text;\n")]
    [InlineData("usings stand in order, System's first", "using B;\nusing A.C;\nusing A;\n")]
    [InlineData("one type in a file, with small companions", "class B;\n\nclass C;\n")]
    public void Habit_IsMissed_WhenItIsBroken(string habit, string text) => Assert.True(Broken[habit](new SourceFile("Management/A.cs", text)));

    [Theory]
    [InlineData("no regions", "class A\n{\n    string b = \"\"\"\n        #region\n        \"\"\";\n}\n")]
    [InlineData("no async void", "class A\n{\n    // async void is forbidden\n}\n")]
    [InlineData("usings stand in order, System's first", "using System.Text;\nusing A;\nusing A.C;\nusing static A.B;\n")]
    [InlineData("one type in a file, with small companions", "class A;\n\nenum B { C }\n")]
    [InlineData("one type in a file, with small companions", "class A\n{\n    enum B { C }\n}\n")]
    public void Habit_IsKept_WhenItOnlyLooksBroken(string habit, string text) => Assert.False(Broken[habit](new SourceFile("Management/A.cs", text)));

    [Fact]
    public void LongFile_IsFound() =>
        Assert.True(Broken["a file has 300 lines at most"](new SourceFile("Management/A.cs", new string('\n', LongestFile + 1))));

    [Fact]
    public void WideLine_IsFound() =>
        Assert.True(Broken["a line of the product has 140 columns at most"](new SourceFile("Management/A.cs", new string('a', WidestLine + 1))));

    [Fact]
    public void LongCompanion_IsFound() => Assert.True(Broken["one type in a file, with small companions"](
        new SourceFile("Management/A.cs", $"class A;\n\nclass B\n{{{new string('\n', LongestCompanion)}}}\n")));

    [Fact]
    public void Readme_FitsOnTwoPages()
    {
        var readme = Checkout.PathOf("README.md");
        Assert.SkipUnless(File.Exists(readme), "there is no README yet");
        Assert.InRange(File.ReadAllLines(readme).Length, 1, 120);
    }

    /// <summary>The type that gives the file its name, or the only one; beside it the cases of an abstract record, or what is small.</summary>
    private static bool IsOneThing(SourceFile file)
    {
        var types = file.TopLevelTypes.DistinctBy(type => type.Name).ToList();
        var owner = Path.GetFileName(file.Path).Split('.')[0];
        return types.Count <= 1
            || file.Code.Contains($"abstract record {owner}", StringComparison.Ordinal)
            || (types.Any(type => type.Name == owner) && types.All(type => type.Name == owner || type.Lines <= LongestCompanion));
    }
}
