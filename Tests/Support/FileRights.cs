using Xunit;

namespace PciBus.Tests.Support;

/// <summary>Who can read a file, or enter a folder.</summary>
internal static class FileRights
{
    public static void AreTheOwnersAlone(string path)
    {
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    public static void FolderIsTheOwnersAlone(string path)
    {
        if (OperatingSystem.IsWindows()) return;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
    }
}
