using PciBus.Contracts.Connection;

namespace PciBus.Management.Configuration;

/// <summary>A setting there is.</summary>
/// <param name="Name">
/// Small letters and dots. The last part may be a word in &lt; and &gt;, as in <c>colour.of.&lt;guid&gt;</c>: then there is one
/// setting for each word that somebody puts there, and none by default.
/// </param>
/// <param name="Default">Its value when nobody gives one.</param>
/// <param name="Description">A phrase without a full stop.</param>
internal sealed record SettingDefinition(string Name, string Default, SettingCategory Category, SettingKind Kind, string Description)
{
    /// <summary>Its value is never shown.</summary>
    public bool IsSecret { get; init; }

    /// <summary>The setting before which it is listed; null: it is listed where it comes.</summary>
    public string? Before { get; init; }

    /// <summary>There may be several of it.</summary>
    public bool IsFamily => Name.EndsWith('>');

    /// <summary>The environment variable that gives its value; null for a family, whose words need not be names of variables.</summary>
    public string? Variable => IsFamily ? null : $"PCIBUS_{Name.Replace('.', '_').ToUpperInvariant()}";

    /// <summary>What all names of a family begin with.</summary>
    public string Stem => IsFamily ? Name[..Name.IndexOf('<', StringComparison.Ordinal)] : Name;

    public bool IsNamed(string name) =>
        IsFamily ? name.Length > Stem.Length && name.StartsWith(Stem, StringComparison.Ordinal) : name == Name;
}
