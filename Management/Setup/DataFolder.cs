using System.Globalization;
using PciBus.Contracts;

namespace PciBus.Management.Setup;

/// <summary>The folder with the database of one embedded management; a second process on it is refused.</summary>
internal sealed class DataFolder : IDisposable
{
    private readonly FileStream _lock;

    private DataFolder(string path, FileStream @lock) => (Path, _lock) = (path, @lock);

    public string Path { get; }

    public string Database => DatabaseIn(Path);

    /// <summary>The SQLite file of a folder.</summary>
    public static string DatabaseIn(string path) => System.IO.Path.Combine(System.IO.Path.GetFullPath(path), "pcibus.db");

    /// <summary>Makes the folder when it is not there, and takes it.</summary>
    /// <exception cref="SetupException">It cannot be written, or another process has it.</exception>
    public static DataFolder Take(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        // The pid has a file of its own: nobody else may open the locked file.
        var pidFile = System.IO.Path.Combine(full, "management.pid");
        try
        {
            Directory.CreateDirectory(full);
            var file = new FileStream(
                System.IO.Path.Combine(full, "management.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.WriteAllText(pidFile, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new DataFolder(full, file);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new SetupException(
                $"The data folder {full} cannot be written: give yourself the right to, or name another with --data-folder", exception);
        }
        catch (IOException exception)
        {
            var pid = File.Exists(pidFile) ? File.ReadAllText(pidFile) : "unknown";
            throw new SetupException(
                SharingViolation.Is(exception)
                    ? $"The data folder {full} is in use by the management server with pid {pid}: stop it, or name another with "
                        + "--data-folder"
                    : $"The data folder {full} cannot be used ({exception.Message}): name another with --data-folder",
                exception);
        }
    }

    public void Dispose() => _lock.Dispose();
}
