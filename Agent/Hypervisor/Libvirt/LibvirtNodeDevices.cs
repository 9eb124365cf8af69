namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>virConnectListAllNodeDeviceFlags: which devices of the host are listed.</summary>
internal enum LibvirtNodeDevices : uint
{
    All = 0,
    Pci = 1 << 1,
}
