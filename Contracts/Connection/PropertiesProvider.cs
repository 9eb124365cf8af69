using Microsoft.Extensions.Configuration;

namespace PciBus.Contracts.Connection;

/// <summary>
/// Values from one source, such as a properties file, as Microsoft.Extensions.Configuration takes them; of each it knows the place. The
/// case of names counts.
/// </summary>
public sealed class PropertiesProvider : ConfigurationProvider, IConfigurationSource
{
    private readonly Dictionary<string, string> _places = new(StringComparer.Ordinal);

    /// <param name="entries">Of equal names the last counts.</param>
    public PropertiesProvider(IEnumerable<(string Name, string Value, string Place)> entries)
    {
        Data = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (name, value, place) in entries) (Data[name], _places[name]) = (value, place);
    }

    /// <param name="file">A key without a value is not there.</param>
    /// <param name="source">What the file is called; a place is SOURCE:LINE.</param>
    public PropertiesProvider(PropertiesFile file, string source)
        : this(from line in file.Lines where line.Value is not null select (line.Key, line.Value, $"{source}:{line.Number}"))
    {
    }

    public IEnumerable<string> Names => _places.Keys;

    /// <summary>Null for a name that is not there.</summary>
    public string? PlaceOf(string name) => _places.GetValueOrDefault(name);

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;
}
