using System.Runtime.InteropServices;

namespace PciBus.Agent.Hypervisor.Libvirt.Native;

/// <summary>A connection; released when its last call has returned.</summary>
internal sealed class ConnectionHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle() => LibvirtApi.virConnectClose(handle) >= 0;
}
