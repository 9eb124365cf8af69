using System.Runtime.InteropServices;

namespace PciBus.Agent.Hypervisor.Libvirt.Native;

/// <summary>The numbers of virErrorNumber that the agent tells apart, and how what a call returned becomes an exception.</summary>
internal static class LibvirtError
{
    public const int InternalError = 1;
    public const int XmlError = 27;
    public const int SystemError = 38;
    public const int NoDomain = 42;
    public const int NoNodeDevice = 53;
    public const int OperationInvalid = 55;
    public const int OperationTimeout = 68;
    public const int OperationUnsupported = 84;

    /// <summary>What the call just made on this thread has failed with.</summary>
    public static HypervisorException Last() => new(
        LibvirtApi.virGetLastErrorCode(),
        LibvirtApi.virGetLastErrorDomain(),
        Marshal.PtrToStringUTF8(LibvirtApi.virGetLastErrorMessage()) ?? "libvirt gives no reason");

    /// <param name="result">What a call returned that fails with a negative number.</param>
    public static int Check(int result) => result >= 0 ? result : throw Last();

    /// <param name="handle">What a call returned that fails with null.</param>
    public static T Check<T>(T handle)
        where T : SafeHandle
    {
        if (!handle.IsInvalid) return handle;
        handle.Dispose();
        throw Last();
    }

    /// <param name="text">Text that the caller has to free; null when the call failed.</param>
    public static unsafe string Check(nint text)
    {
        if (text == 0) throw Last();
        try
        {
            return Marshal.PtrToStringUTF8(text)!;
        }
        finally
        {
            NativeMemory.Free((void*)text);
        }
    }
}
