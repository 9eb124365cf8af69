namespace PciBus.Management.Configuration;

/// <summary>A setting with the value that counts.</summary>
/// <param name="Name">As in its definition, or with the word that makes it one of a family.</param>
/// <param name="Source">
/// Where the value comes from: <c>default</c>, <c>file PATH:LINE</c>, <c>environment VARIABLE</c>, <c>command line</c>.
/// </param>
internal sealed record ConfiguredSetting(SettingDefinition Definition, string Name, string Value, string Source)
{
    public const string Default = "default";

    private const string Hidden = "***";

    /// <summary>What makes it one of a family, e.g. the guid; null when it is in none.</summary>
    public string? Word => Definition.IsFamily ? Name[Definition.Stem.Length..] : null;

    /// <summary>The value as everybody may see it.</summary>
    public string Shown => Definition.IsSecret && Value.Length > 0 ? Hidden : Value;

    /// <summary>What to say when the value cannot be used.</summary>
    public string Problem => Definition.IsSecret
        ? $"The setting {Name} ({Source}) cannot be used as it is; allowed is {Definition.Kind.Allowed}"
        : $"The setting {Name} is \"{Value}\" ({Source}); allowed is {Definition.Kind.Allowed}";

    public override string ToString() => $"{Name}={Shown} ({Source})";
}
