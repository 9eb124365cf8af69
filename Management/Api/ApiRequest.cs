using Microsoft.Extensions.Primitives;

namespace PciBus.Management.Api;

/// <summary>The parameters of a call. Names are found in any case; fields of maps keep the case they came in.</summary>
internal sealed class ApiRequest
{
    private readonly Dictionary<string, string> _parameters = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Name of the command; null when there is none.</summary>
    public string? Command => this["command"];

    public IReadOnlyDictionary<string, string> Parameters => _parameters;

    public string? this[string name] => _parameters.GetValueOrDefault(name);

    /// <summary>As CloudStack does it: of a repeated name the last counts in a query string, the first in a form.</summary>
    public static ApiRequest Of(
        IEnumerable<KeyValuePair<string, StringValues>> query, IEnumerable<KeyValuePair<string, StringValues>> form)
    {
        var request = new ApiRequest();
        foreach (var (name, values) in form) request._parameters.TryAdd(name, values.FirstOrDefault() ?? "");
        foreach (var (name, values) in query) request._parameters[name] = values.LastOrDefault() ?? "";
        return request;
    }
}
