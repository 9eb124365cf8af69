using System.Text.RegularExpressions;

namespace PciBus.Management.Hosts;

/// <summary>Which texts may be the guid of a host.</summary>
internal static partial class HostGuid
{
    public static bool IsAllowed(string guid) => Allowed().IsMatch(guid);

    /// <summary>The message about a text that may not be a guid.</summary>
    public static string Bad(string guid) =>
        $"the guid \"{guid}\" is not allowed; allowed are letters, digits, \".\", \"_\" and \"-\", at most 100";

    /// <summary>Characters that may stand unchanged in the name of a queue, of a user and of a right.</summary>
    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,100}\z")]
    private static partial Regex Allowed();
}
