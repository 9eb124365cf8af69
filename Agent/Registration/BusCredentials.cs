using PciBus.Contracts.Connection;
using PciBus.Contracts.Joining;

namespace PciBus.Agent.Registration;

/// <summary>
/// What <c>Agent join</c> has brought: bus.properties in the agent's data folder, with the broker's address and this host's
/// password in it. Only the agent's user may read it.
/// </summary>
internal static class BusCredentials
{
    private const string FileName = "bus.properties";
    private const string AuthoritiesFileName = "bus-ca.pem";
    private const UnixFileMode OfOthers =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private static readonly Dictionary<string, string> Nothing = [];

    /// <summary>What was brought, as keys of agent.properties; nothing, when the host has not joined.</summary>
    /// <param name="problems">Gets a sentence about a file that cannot be used.</param>
    public static IReadOnlyDictionary<string, string> Read(string dataFolder, ICollection<string> problems)
    {
        var file = Path.Combine(dataFolder, FileName);
        try
        {
            if (!File.Exists(file)) return Nothing;
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & OfOthers) != 0)
            {
                problems.Add($"{file} can be read by others than the agent's user: chmod 600");
                return Nothing;
            }

            return PropertiesFile.Read(File.ReadAllBytes(file)).Values;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add($"{file} cannot be read: {e.Message}");
            return Nothing;
        }
    }

    /// <summary>Tries whether it could be kept: a token is good once.</summary>
    /// <exception cref="IOException">It could not.</exception>
    public static void Probe(string dataFolder)
    {
        Directory.CreateDirectory(dataFolder);
        var probe = Path.Combine(dataFolder, ".join");
        OwnersFile.Write(probe, "");
        File.Delete(probe);
    }

    /// <summary>Keeps what management gave, in place of what it gave before.</summary>
    /// <returns>The file.</returns>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static string Write(string dataFolder, HostJoinAnswer joined)
    {
        Directory.CreateDirectory(dataFolder);
        var text = $"{AgentProperties.BusAddressKey}={PropertiesFile.Escape(joined.BusAddress ?? "")}\n";
        if (joined.BusAuthorities is { } authorities)
        {
            var file = Path.Combine(dataFolder, AuthoritiesFileName);
            OwnersFile.Write(file, authorities);
            text += $"{AgentProperties.BusAuthoritiesKey}={PropertiesFile.Escape(file)}\n";
        }

        var credentials = Path.Combine(dataFolder, FileName);
        OwnersFile.Write(credentials, text);
        return credentials;
    }
}
