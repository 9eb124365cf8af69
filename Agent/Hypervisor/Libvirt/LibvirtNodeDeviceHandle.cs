using Microsoft.Win32.SafeHandles;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>A virNodeDevicePtr: a name for a device of the host. It holds its connection open.</summary>
internal sealed class LibvirtNodeDeviceHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle() => LibvirtNative.virNodeDeviceFree(handle) == 0;
}
