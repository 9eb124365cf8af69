using System.Globalization;

namespace PciBus.Tests.Runner;

/// <summary>What the command line asks for.</summary>
/// <param name="IsAll">Whether everything runs, or the gate alone.</param>
/// <param name="Suites">Suites to run; none = all.</param>
internal sealed record RunOptions(bool IsAll, IReadOnlyCollection<string> Suites)
{
    /// <summary>The factor of every wait where nothing else is said.</summary>
    public const double DefaultPatience = 4;

    /// <summary>PCIBUS_PATIENCE: how many times what an idle machine needs is waited for.</summary>
    public static double Patience =>
        double.TryParse(Environment.GetEnvironmentVariable("PCIBUS_PATIENCE"), CultureInfo.InvariantCulture, out var factor) ? factor : DefaultPatience;

    /// <param name="arguments">Of the command line.</param>
    /// <param name="suites">Names of the suites that there are.</param>
    /// <exception cref="FormatException">An argument is none of those allowed.</exception>
    public static RunOptions Parse(IReadOnlyList<string> arguments, IReadOnlyCollection<string> suites)
    {
        var wrong = arguments.FirstOrDefault(argument => argument != "--all" && !suites.Contains(argument));
        return wrong is null
            ? new RunOptions(arguments.Contains("--all"), [.. arguments.Where(argument => argument != "--all")])
            : throw new FormatException($"\"{wrong}\" is neither --all nor a suite: {string.Join(", ", suites)}");
    }
}
