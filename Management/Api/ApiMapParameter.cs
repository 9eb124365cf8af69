using System.Text.RegularExpressions;

namespace PciBus.Management.Api;

/// <summary>
/// Reads CloudStack's maps: <c>name[0].key=K</c> with <c>name[0].value=V</c> is the pair K, V; any other field is a pair by
/// itself, so <c>name[0].K=V</c> says the same. Half a pair, and a name that is not of this form, is refused.
/// </summary>
internal static partial class ApiMapParameter
{
    /// <returns>Null when no entry was given.</returns>
    public static IReadOnlyDictionary<string, string>? Read(ApiParameterDescription parameter, ApiRequest request, string command)
    {
        var entries = new SortedDictionary<int, Dictionary<string, string>>();
        foreach (var (name, value) in request.Parameters)
        {
            if (!parameter.IsNamed(name) || (value.Length == 0 && name.Length == parameter.Name.Length)) continue;
            var match = Entry().Match(name[parameter.Name.Length..]);
            if (!match.Success || !int.TryParse(match.Groups["index"].Value, out var index)) throw Malformed(parameter, name);
            ApiParameterBinder.RefuseTooLong(parameter, value, command);
            if (!entries.TryGetValue(index, out var fields)) entries[index] = fields = new(StringComparer.Ordinal);
            fields[match.Groups["field"].Value] = value;
        }

        if (entries.Count == 0) return null;
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (index, fields) in entries)
        {
            var (key, value) = (Field(fields, "key"), Field(fields, "value"));
            if ((key ?? value) is null)
            {
                foreach (var (field, text) in fields) Put(field, text);
                continue;
            }

            if (key is null || value is null || fields.Count > 2) throw Malformed(parameter, $"{parameter.Name}[{index}]");
            Put(key, value);
        }

        return map;

        void Put(string name, string text)
        {
            if (map.TryAdd(name, text) || map[name] == text) return;
            throw ApiException.InvalidParameter($"{parameter.Name} gives {name} twice: {map[name]} and {text}");
        }
    }

    private static string? Field(Dictionary<string, string> fields, string name) =>
        fields.FirstOrDefault(field => field.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    private static ApiException Malformed(ApiParameterDescription parameter, string name) => new(
        ApiErrors.MalformedParameter, 9999, $"Malformed parameter {name}: write {parameter.Name}[0].key and {parameter.Name}[0].value");

    [GeneratedRegex(@"^\[(?<index>[0-9]+)\]\.(?<field>[^\[\]]+)$")]
    private static partial Regex Entry();
}
