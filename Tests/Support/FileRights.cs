using Xunit;

namespace PciBus.Tests.Support;

/// <summary>Who can read a file.</summary>
internal static class FileRights
{
    public static void AreTheOwnersAlone(string path)
    {
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }
}
