using System.Text.RegularExpressions;

namespace PciBus.Management.Api;

/// <summary>
/// Reads CloudStack's maps: <c>name[0].key=K</c> with <c>name[0].value=V</c> is the pair K, V; any other field is a pair by
/// itself, so <c>name[0].K=V</c> says the same.
/// </summary>
internal static partial class ApiMapParameter
{
    /// <returns>Null when no entry was given.</returns>
    public static IReadOnlyDictionary<string, string>? Read(ApiParameterDescription parameter, ApiRequest request, string command)
    {
        var entries = new SortedDictionary<int, Dictionary<string, string>>();
        foreach (var (name, value) in request.Parameters)
        {
            if (!name.StartsWith(parameter.Name + "[", StringComparison.OrdinalIgnoreCase)) continue;
            var match = Entry().Match(name[parameter.Name.Length..]);
            if (!match.Success || !int.TryParse(match.Groups["index"].Value, out var index))
            {
                throw new ApiException(
                    ApiErrors.MalformedParameter, 9999, $"Malformed parameter {name}: write {parameter.Name}[0].key and {parameter.Name}[0].value");
            }

            ApiParameterBinder.RefuseTooLong(parameter, value, command);
            if (!entries.TryGetValue(index, out var fields)) entries[index] = fields = new(StringComparer.Ordinal);
            fields[match.Groups["field"].Value] = value;
        }

        if (entries.Count == 0) return null;
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var fields in entries.Values) Add(fields, map);
        return map;
    }

    private static void Add(Dictionary<string, string> fields, Dictionary<string, string> map)
    {
        if (fields.Count == 2 && fields.TryGetValue("key", out var key) && fields.TryGetValue("value", out var value))
        {
            map[key] = value;
            return;
        }

        foreach (var (field, text) in fields) map[field] = text;
    }

    [GeneratedRegex(@"^\[(?<index>[0-9]+)\]\.(?<field>[^\[\]]+)$")]
    private static partial Regex Entry();
}
