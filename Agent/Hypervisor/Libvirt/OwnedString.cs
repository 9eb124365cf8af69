using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>A returned string that libvirt has allocated for the caller: it is read, and given back with C's free().</summary>
[CustomMarshaller(typeof(string), MarshalMode.ManagedToUnmanagedOut, typeof(OwnedString))]
internal static unsafe class OwnedString
{
    public static string? ConvertToManaged(byte* text) => Marshal.PtrToStringUTF8((nint)text);

    public static void Free(byte* text) => NativeMemory.Free(text);
}
