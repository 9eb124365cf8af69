using System.Text.RegularExpressions;

namespace PciBus.Management.Hosts.Fencing;

/// <summary>
/// An executable and its arguments, which may have <c>{name}</c>, <c>{guid}</c> and <c>{ip}</c> of the host in them. No shell
/// reads them.
/// </summary>
internal sealed partial record FencingCommandLine(string Executable, IReadOnlyList<string> Arguments)
{
    /// <summary>What a command looks like; for the message about a text that is no command.</summary>
    public const string Form =
        "an executable and its arguments, parted by blanks, with double quotes in pairs; "
        + "in the arguments {name}, {guid} and {ip} are the host's";

    /// <summary>No command: no host is fenced.</summary>
    public static FencingCommandLine None { get; } = new("", []);

    public bool IsNone => Executable.Length == 0;

    /// <summary>The first wrong placeholder: any in the executable, an unknown one in an argument; null when there is none.</summary>
    public string? WrongPlaceholder =>
        Placeholder().Matches(Executable).Concat(
            Arguments.SelectMany(argument => Placeholder().Matches(argument)).Where(match => ValueOf(match.Value) is null))
            .FirstOrDefault()?.Value;

    /// <summary>The arguments for one host.</summary>
    /// <param name="whyNot">Set when there are none: an argument made of the agent's words could be taken for an option.</param>
    public IReadOnlyList<string> ArgumentsFor(Host host, out string? whyNot)
    {
        string? wrong = null;
        List<string> filled = [.. Arguments.Select(argument => Placeholder().Replace(argument, match =>
        {
            var value = ValueOf(match.Value)!(host) ?? "";
            if (value.Length == 0 || value[0] == '-' || value.Any(char.IsControl)) wrong ??= match.Value;
            return value;
        }))];
        whyNot = wrong is null ? null : $"what its agent said of {wrong} cannot stand in a command line";
        return wrong is null ? filled : [];
    }

    private static Func<Host, string?>? ValueOf(string placeholder) => placeholder switch
    {
        "{name}" => host => host.Name,
        "{guid}" => host => host.Guid,
        "{ip}" => host => host.PrivateIpAddress,
        _ => null,
    };

    [GeneratedRegex(@"\{[^{}]*\}")]
    private static partial Regex Placeholder();
}
