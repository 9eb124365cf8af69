using System.Net;
using System.Net.NetworkInformation;

namespace PciBus.Agent.Pci;

/// <summary>
/// Finds the network interfaces by which the host is reached: those of its default routes, and those with given addresses.
/// </summary>
internal static class ManagementInterfaces
{
    private const int LongestTable = 1 << 20;

    /// <summary>Names of interfaces, with the reason for each.</summary>
    /// <param name="proc">The kernel's routes.</param>
    /// <param name="given">Names or addresses of interfaces that the host needs; a name or an address that there is not counts for
    /// nothing.</param>
    public static IReadOnlyDictionary<string, string> Find(KernelFolder proc, IReadOnlyCollection<string> given)
    {
        var found = new Dictionary<string, string>();
        var routes = DefaultRoutes(proc.Text("net/route", LongestTable) ?? "", proc.Text("net/ipv6_route", LongestTable) ?? "");
        foreach (var name in routes) found[name] = "which has the host's default route";
        var wanted = given.Select(one => IPAddress.TryParse(one, out var address) ? address.ToString() : one).ToHashSet();
        foreach (var (name, address) in Addresses())
        {
            if (wanted.Contains(address) || wanted.Contains(name)) found[name] = $"which has the host's address {address}";
        }

        return found;
    }

    /// <summary>The interfaces of the default routes that stand in <c>/proc/net/route</c> and <c>/proc/net/ipv6_route</c>.</summary>
    public static IReadOnlyList<string> DefaultRoutes(string ipv4, string ipv6)
    {
        const string everything = "00000000";
        var v4 = Lines(ipv4).Where(parts => parts.Length > 7 && parts[1] == everything && parts[7] == everything).Select(parts => parts[0]);
        // The kernel has a default route of its own, by which it refuses: it leads to lo.
        var v6 = Lines(ipv6)
            .Where(parts => parts.Length == 10 && parts[1] == "00" && parts[0].All(digit => digit == '0') && parts[9] != "lo")
            .Select(parts => parts[9]);
        return [.. v4.Concat(v6).Distinct()];
    }

    private static IEnumerable<string[]> Lines(string text) =>
        text.Split('\n').Select(line => line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries));

    private static IReadOnlyList<(string Name, string Address)> Addresses()
    {
        try
        {
            return [.. NetworkInterface.GetAllNetworkInterfaces().SelectMany(one => one.GetIPProperties().UnicastAddresses.Select(
                address => (one.Name, address.Address.ToString().Split('%')[0])))];
        }
        catch (NetworkInformationException)
        {
            return [];
        }
    }
}
