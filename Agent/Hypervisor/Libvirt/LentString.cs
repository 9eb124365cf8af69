using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>A returned string that belongs to libvirt, or to the object that was asked: it is read, and never freed.</summary>
[CustomMarshaller(typeof(string), MarshalMode.ManagedToUnmanagedOut, typeof(LentString))]
internal static unsafe class LentString
{
    public static string? ConvertToManaged(byte* text) => Marshal.PtrToStringUTF8((nint)text);
}
