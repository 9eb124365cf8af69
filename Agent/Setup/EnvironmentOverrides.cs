using System.Collections;
using PciBus.Agent.Registration;

namespace PciBus.Agent.Setup;

/// <summary>
/// The environment wins over agent.properties: <c>PCIBUS_BUS_ADDRESS</c> is <c>bus.address</c>, and so for each key but
/// <c>pci.devices</c>, which is followed in the file while the agent runs.
/// </summary>
internal static class EnvironmentOverrides
{
    private const string Prefix = "PCIBUS_";

    /// <exception cref="AgentPropertiesException">The file cannot be read, or a value is not allowed.</exception>
    public static AgentPropertiesFile Open(FileInfo file) => AgentPropertiesFile.Open(file.FullName, TimeProvider.System, Read());

    private static Dictionary<string, string> Read() => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
        .Where(variable => ((string)variable.Key).StartsWith(Prefix, StringComparison.Ordinal))
        .ToDictionary(
            variable => ((string)variable.Key)[Prefix.Length..].Replace('_', '.').ToLowerInvariant(),
            variable => (string)variable.Value!);
}
