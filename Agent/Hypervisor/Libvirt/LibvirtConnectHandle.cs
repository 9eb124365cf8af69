using Microsoft.Win32.SafeHandles;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>A virConnectPtr. A call that is under way holds it: it is closed when the last one has returned.</summary>
internal sealed class LibvirtConnectHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    /// <summary>What virConnectClose said: references that were left, 0 when none leaks; null while it is not closed.</summary>
    public int? ReferencesLeft { get; private set; }

    protected override bool ReleaseHandle()
    {
        ReferencesLeft = LibvirtNative.virConnectClose(handle);
        return ReferencesLeft >= 0;
    }
}
