using System.Text.Json;

namespace PciBus.Agent.Hypervisor.Simulated;

/// <summary>Small JSON files that are there whole or not at all, whenever the process dies.</summary>
internal static class StateFile
{
    public static void Write<T>(string path, T value)
    {
        var temporary = path + ".tmp";
        File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(value, SimulatorJson.Options));
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>The value, or null when the file does not exist.</summary>
    public static T? Read<T>(string path)
        where T : class =>
        File.Exists(path) ? JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), SimulatorJson.Options) : null;
}
