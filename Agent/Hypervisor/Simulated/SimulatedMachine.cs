namespace PciBus.Agent.Hypervisor.Simulated;

/// <summary>
/// The machine of a simulated host: its identity lies in the file <c>machine-id</c> of the simulator's folder, so that a host with
/// another guid in the same folder is the same machine, and so is a copy of the folder.
/// </summary>
internal static class SimulatedMachine
{
    /// <summary>The machine's identity, made when there is none yet.</summary>
    /// <param name="folder">The simulator's folder.</param>
    /// <param name="newGuid">Makes identities.</param>
    public static string IdOf(string folder, Func<Guid> newGuid)
    {
        if (Find(folder) is { Length: > 0 } known) return known;
        var made = newGuid().ToString();
        Directory.CreateDirectory(folder);
        StateFile.Write(PathIn(folder), made);
        return made;
    }

    /// <summary>The machine's identity; null when there is none yet.</summary>
    /// <exception cref="IOException">Its file is damaged.</exception>
    public static string? Find(string folder) => StateFile.Read<string>(PathIn(folder), "the host is another machine");

    private static string PathIn(string folder) => Path.Combine(folder, "machine-id");
}
