using System.Globalization;

namespace PciBus.Tests.Simulation;

/// <summary>A finished seed as one line: its columns are separated by tabs.</summary>
/// <param name="Outcome"><see cref="Ok"/>, or what was wrong in one line.</param>
internal sealed record SeedLine(int Seed, string Outcome, int Operations, int Crashes, int Faults, int VirtualSeconds)
{
    public const string Ok = "ok";

    private const int Columns = 6;

    public static SeedLine Of(SeedResult result) => new(
        result.Seed,
        result.Problem is { } problem ? problem.Split('\n')[0].Replace('\t', ' ').Trim() : Ok,
        result.Tally.Operations,
        result.Tally.Crashes,
        result.Tally.Faults,
        (int)result.Tally.VirtualTime.TotalSeconds);

    /// <returns>Null when it is no such line.</returns>
    public static SeedLine? Parse(string line)
    {
        var columns = line.Split('\t');
        if (columns.Length != Columns || !TryNumber(columns[0], out var seed)) return null;
        var numbers = new int[Columns - 2];
        for (var i = 0; i < numbers.Length; i++)
        {
            if (!TryNumber(columns[i + 2], out numbers[i])) return null;
        }

        return new SeedLine(seed, columns[1], numbers[0], numbers[1], numbers[2], numbers[3]);
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Seed}\t{Outcome}\t{Operations}\t{Crashes}\t{Faults}\t{VirtualSeconds}");

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
