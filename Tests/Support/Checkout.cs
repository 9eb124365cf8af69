using System.Runtime.CompilerServices;

namespace PciBus.Tests.Support;

/// <summary>Where the sources are, for tests that read or rewrite files of the repository.</summary>
internal static class Checkout
{
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", ".."));

    /// <summary>Set by whoever has looked at a change of an approved file and wants it.</summary>
    public static bool Approves => Environment.GetEnvironmentVariable("PCIBUS_APPROVE") == "1";

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
