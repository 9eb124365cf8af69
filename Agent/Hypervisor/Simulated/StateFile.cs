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
    /// <param name="path">The file.</param>
    /// <param name="without">What follows when somebody removes the file.</param>
    /// <exception cref="IOException">Something else has damaged the file. It is left as it is.</exception>
    public static T? Read<T>(string path, string without)
        where T : class
    {
        if (!File.Exists(path)) return null;
        var content = File.ReadAllBytes(path);
        try
        {
            return JsonSerializer.Deserialize<T>(content, SimulatorJson.Options) ?? throw new JsonException("it says null");
        }
        catch (JsonException e)
        {
            var what = content.Length == 0 ? "it is empty" : $"{e.Message.Split(". ")[0].TrimEnd('.')}";
            throw new IOException($"{path} cannot be read ({what}): put a copy of it back, or remove it; then {without}", e);
        }
    }
}
