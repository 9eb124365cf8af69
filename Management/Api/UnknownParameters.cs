using PciBus.Contracts.Connection;

namespace PciBus.Management.Api;

/// <summary>
/// Refuses parameters that a command does not have: a call that asks for more than is done is not answered with yes, and a list that cannot
/// be narrowed as was asked is not answered with everything.
/// </summary>
internal static class UnknownParameters
{
    /// <summary>Longer than any name there is: for a longer name no nearest one is looked for.</summary>
    private const int LongestName = 64;

    /// <exception cref="ApiException">The command has no such parameter; the text names it, and the nearest that there is.</exception>
    public static void Refuse(ApiCommandDescription command, ApiRequest request)
    {
        foreach (var (name, value) in request.Parameters)
        {
            // An empty value counts as not given, as it does for a parameter that the command has.
            if (value.Length == 0 || command.Parameters.Any(parameter => parameter.IsNamed(name))) continue;
            if (HarmlessParameters.Take(command, name, value, out var only)) continue;
            throw ApiException.BadParameter(
                command.Name,
                only is null
                    ? $"unknown parameter {Shown(name)}{Nearest(command, name)}"
                    : $"invalid value {value} for parameter {name}: it is {only}");
        }
    }

    private static string Nearest(ApiCommandDescription command, string name) => command.Parameters.Count == 0
        ? $": {command.Name} has none"
        : "; the nearest is "
            + $"{PropertyName.Nearest(Shown(name).ToLowerInvariant(), command.Parameters.Select(parameter => parameter.Name))}";

    private static string Shown(string name) => name.Length <= LongestName ? name : name[..LongestName];
}
