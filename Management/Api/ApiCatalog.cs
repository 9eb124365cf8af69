using System.Reflection;

namespace PciBus.Management.Api;

/// <summary>The commands of the API, found by their attribute.</summary>
internal sealed class ApiCatalog
{
    private readonly Dictionary<string, ApiCommandDescription> _commands = typeof(ApiCatalog).Assembly.GetTypes()
        .Select(type => (type, told: type.GetCustomAttribute<ApiCommandAttribute>()))
        .Where(pair => pair.told is not null)
        .Select(pair => new ApiCommandDescription(pair.type, pair.told!))
        .ToDictionary(command => command.Name, StringComparer.Ordinal);

    /// <summary>In the order of their names.</summary>
    public IEnumerable<ApiCommandDescription> Commands => _commands.Values.OrderBy(command => command.Name, StringComparer.Ordinal);

    public ApiCommandDescription? Find(string name) => _commands.GetValueOrDefault(name);
}
