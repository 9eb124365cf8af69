using System.Text.Json;
using System.Xml.Linq;
using PciBus.Tests.Support;

namespace PciBus.Tests.Build;

/// <summary>A package that is shipped with PciBus.</summary>
/// <param name="Licence">Its licence expression; null when it names a file or an address instead.</param>
internal sealed record ShippedPackage(string Name, string Version, string? Licence)
{
    private static string PackagesFolder => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    /// <summary>What the lock files of the shipped projects name, without analyzers, which stay behind.</summary>
    public static IReadOnlyList<ShippedPackage> All { get; } = [.. new[] { "Management", "Agent" }
        .SelectMany(project => Locked(Checkout.PathOf(project, "packages.lock.json")))
        .Distinct()
        .Where(package => !package.Name.Contains("Analyzers", StringComparison.Ordinal))
        .OrderBy(package => package.Name, StringComparer.OrdinalIgnoreCase)
        .Select(package => new ShippedPackage(package.Name, package.Version, LicenceOf(package.Name, package.Version)))];

    private static IEnumerable<(string Name, string Version)> Locked(string path)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(path));
        return [.. json.RootElement.GetProperty("dependencies").EnumerateObject()
            .SelectMany(framework => framework.Value.EnumerateObject())
            .Where(package => package.Value.GetProperty("type").GetString() != "Project")
            .Select(package => (package.Name, package.Value.GetProperty("resolved").GetString()!))];
    }

    private static string? LicenceOf(string name, string version)
    {
        var id = name.ToLowerInvariant();
        var nuspec = XDocument.Load(Path.Combine(PackagesFolder, id, version.ToLowerInvariant(), $"{id}.nuspec"));
        var licence = nuspec.Descendants().FirstOrDefault(element => element.Name.LocalName == "license");
        return licence?.Attribute("type")?.Value == "expression" ? licence.Value : null;
    }
}
