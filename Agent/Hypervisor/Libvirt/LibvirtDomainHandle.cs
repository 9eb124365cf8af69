using Microsoft.Win32.SafeHandles;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>A virDomainPtr: a name for a domain, which need not exist any more. It holds its connection open.</summary>
internal sealed class LibvirtDomainHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle() => LibvirtNative.virDomainFree(handle) == 0;
}
