using System.Reflection;

namespace PciBus.Management.Api;

/// <summary>A command as its class declares it.</summary>
internal sealed record ApiCommandDescription(Type Type, ApiCommandAttribute Declared)
{
    public string Name => Declared.Name;

    /// <summary>The key on top of its answers.</summary>
    public string Wrapper { get; } = $"{Declared.Name.ToLowerInvariant()}response";

    /// <summary>The command changes nothing: CloudStack tells that by the name.</summary>
    public bool OnlyReads { get; } =
        new[] { "list", "get", "query", "find" }.Any(verb => Declared.Name.StartsWith(verb, StringComparison.Ordinal));

    /// <summary>Describes its response; for listing, relating and nothing else.</summary>
    public ApiResponseAttribute Response { get; } = Declared.Response.GetCustomAttribute<ApiResponseAttribute>()!;

    /// <summary>The command's own parameters first, then those that it shares with others.</summary>
    public IReadOnlyList<ApiParameterDescription> Parameters { get; } = [.. Type.GetProperties()
        .Select(property => (property, told: property.GetCustomAttribute<ApiParameterAttribute>()))
        .Where(pair => pair.told is not null)
        .OrderBy(pair => pair.property.DeclaringType != Type)
        .Select(pair => new ApiParameterDescription(pair.property, pair.told!))];
}
