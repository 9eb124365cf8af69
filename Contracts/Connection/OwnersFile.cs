namespace PciBus.Contracts.Connection;

/// <summary>Files that only their owner can read, from the first moment on.</summary>
public static class OwnersFile
{
    /// <summary>Writes the file anew and onto the disk; a reader sees all of it or none.</summary>
    public static void Write(string path, string text) => Write(path, text, overwrite: true);

    /// <summary>As <see cref="Write(string,string)"/>, unless the file is there.</summary>
    public static void WriteIfMissing(string path, string text)
    {
        try
        {
            Write(path, text, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
        }
    }

    private static void Write(string path, string text, bool overwrite)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var draft = $"{path}.{Guid.NewGuid():N}";
        try
        {
            using (var file = new FileStream(draft, options))
            {
                file.Write(System.Text.Encoding.UTF8.GetBytes(text));
                file.Flush(flushToDisk: true);
            }

            File.Move(draft, path, overwrite);
        }
        finally
        {
            File.Delete(draft);
        }
    }
}
