using System.Runtime.InteropServices;

namespace PciBus.Agent.Hypervisor.Libvirt.Native;

/// <summary>A reference to a domain.</summary>
internal sealed class DomainHandle : SafeHandle
{
    public DomainHandle()
        : base(0, ownsHandle: true)
    {
    }

    /// <param name="domain">A reference that libvirt has given, to be released.</param>
    public DomainHandle(nint domain)
        : this() => SetHandle(domain);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle() => LibvirtApi.virDomainFree(handle) >= 0;
}
