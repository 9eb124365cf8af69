namespace PciBus.Contracts;

/// <summary>Tells a file that another process has locked from a file that cannot be opened for another reason.</summary>
public static class SharingViolation
{
    /// <summary>EWOULDBLOCK, flock's answer.</summary>
    private const int OnLinux = 11;
    private const int OnWindows = unchecked((int)0x80070020);

    public static bool Is(IOException exception) => exception.HResult is OnLinux or OnWindows;
}
