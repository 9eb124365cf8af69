using Xunit;

namespace PciBus.Tests.Simulation;

public sealed class SeedFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pcibus-seeds").FullName;

    private string FilePath => Path.Combine(_folder, "sub", "seeds.tsv");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("", 1)]
    [InlineData("1,2,3", 4)]
    [InlineData("1,2,4,5", 3)]
    [InlineData("40,41,43", 42)]
    public void Resuming_BeginsAtTheFirstGap(string finished, int expected) => Assert.Equal(
        expected, SeedFile.Missing([.. finished.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)]));

    [Fact]
    public void Lines_AreThereAtOnce_AndForTheNextRun()
    {
        using (var file = SeedFile.Open(FilePath))
        {
            file.Append(new SeedLine(1, SeedLine.Ok, 70, 6, 11, 3600));
            file.Append(new SeedLine(3, "a device has two owners", 71, 7, 12, 3601));
            using var reader = new StreamReader(new FileStream(FilePath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            Assert.Equal("1\tok\t70\t6\t11\t3600\n3\ta device has two owners\t71\t7\t12\t3601\n", reader.ReadToEnd());
        }

        using var next = SeedFile.Open(FilePath);
        Assert.Equal(2, next.FirstMissing);
        Assert.True(next.Has(3));
    }

    [Fact]
    public void ALineCutShort_GoesAway_AndItsSeedRunsAgain()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        File.WriteAllText(FilePath, "1\tok\t70\t6\t11\t3600\n2\tok\t70\t6\t11\t36");

        using (var file = SeedFile.Open(FilePath))
        {
            Assert.Equal(2, file.FirstMissing);
            file.Append(new SeedLine(2, SeedLine.Ok, 1, 2, 3, 4));
        }

        Assert.Equal("1\tok\t70\t6\t11\t3600\n2\tok\t1\t2\t3\t4\n", File.ReadAllText(FilePath));
    }

    [Theory]
    [InlineData("5\tok\t1\t2\t3\t4", true)]
    [InlineData("5\twhat was wrong\t1\t2\t3\t4", true)]
    [InlineData("seed\tok\t1\t2\t3\t4", false)]
    [InlineData("5\tok\t1\t2\t3", false)]
    [InlineData("5\tok\t1\t2\t3\tx", false)]
    [InlineData("", false)]
    public void OnlyALineWithAllItsColumns_Counts(string text, bool counts)
    {
        var line = SeedLine.Parse(text);

        Assert.Equal(counts ? text : null, line?.ToString());
    }
}
