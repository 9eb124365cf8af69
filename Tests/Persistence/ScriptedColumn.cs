namespace PciBus.Tests.Persistence;

/// <summary>A column as a script makes it.</summary>
/// <param name="Type">In small letters, as <c>nvarchar(450)</c>.</param>
internal sealed record ScriptedColumn(string Name, string Type, bool Nullable, string? Collation, bool Computed, bool Identity)
{
    /// <summary>How many bytes it takes in a key; null when it cannot be in one.</summary>
    public int? KeyBytes => Type switch
    {
        "bit" => 1,
        "int" => 4,
        "bigint" or "datetime2" => 8,
        "uniqueidentifier" => 16,
        "nvarchar(max)" => null,
        _ => 2 * int.Parse(Type["nvarchar(".Length..^1], System.Globalization.CultureInfo.InvariantCulture),
    };

    /// <summary>As <see cref="ModelSchema"/> describes columns.</summary>
    public string Description => ModelSchema.Describe(Name, Type, Nullable, Computed, Collation, Identity);
}
