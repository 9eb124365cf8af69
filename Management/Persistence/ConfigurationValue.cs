namespace PciBus.Management.Persistence;

/// <summary>A value about the whole system.</summary>
internal sealed class ConfigurationValue
{
    public required string Name { get; init; }

    public required string Value { get; set; }
}
