using System.Globalization;
using PciBus.Contracts;

namespace PciBus.Agent;

/// <summary>Keeps a second agent from the same data folder, and thereby from the same host.</summary>
internal sealed class DataFolderLock : IDisposable
{
    private readonly FileStream _file;

    private DataFolderLock(FileStream file) => _file = file;

    /// <exception cref="IOException">Another process holds the folder, or it cannot be written.</exception>
    public static DataFolderLock Take(string folder)
    {
        Directory.CreateDirectory(folder);
        // The pid has a file of its own: nobody else may open the locked file.
        var pidFile = Path.Combine(folder, "agent.pid");
        FileStream file;
        try
        {
            file = new FileStream(Path.Combine(folder, "agent.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (SharingViolation.Is(e))
        {
            var pid = File.Exists(pidFile) ? File.ReadAllText(pidFile) : "unknown";
            throw new IOException($"{folder} is in use by another agent, process {pid}: stop it, or set agent.data.folder", e);
        }

        File.WriteAllText(pidFile, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        return new DataFolderLock(file);
    }

    public void Dispose() => _file.Dispose();
}
