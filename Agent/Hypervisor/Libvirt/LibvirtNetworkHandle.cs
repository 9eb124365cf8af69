using Microsoft.Win32.SafeHandles;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>A virNetworkPtr: a name for a network, which need not exist any more. It holds its connection open.</summary>
internal sealed class LibvirtNetworkHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle() => LibvirtNative.virNetworkFree(handle) == 0;
}
