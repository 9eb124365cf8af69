using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Agent.Pci;
using PciBus.Contracts.PciDevices;

namespace PciBus.Tests.Hypervisor.Libvirt;

/// <summary>The PCI devices of a host by libvirt's node devices, as far as the contract of hypervisors asks for them.</summary>
internal sealed class NodeDevices(LibvirtConnection connection) : IPciInventory
{
    public async Task<PciDeviceTO?> FindPciDeviceAsync(PciAddress address, CancellationToken cancellationToken) =>
        (await connection.ListNodeDevicesAsync(LibvirtNodeDevices.Pci, cancellationToken)).Contains(NameOf(address))
            ? new PciDeviceTO { Address = address }
            : null;

    public async Task ResetPciDeviceAsync(PciAddress address, CancellationToken cancellationToken)
    {
        try
        {
            await connection.ResetNodeDeviceAsync(NameOf(address), cancellationToken);
        }
        catch (LibvirtException e)
        {
            throw LibvirtFailures.ToHypervisor(e);
        }
    }

    public Task<IReadOnlyList<PciDeviceTO>> ListPciDevicesAsync(CancellationToken cancellationToken) =>
        throw new NotSupportedException("the contract asks for single devices");

    public Task<IReadOnlyList<PciDeviceTO>> ServePciDevicesAsync(
        IReadOnlyCollection<PciAddress> configured, CancellationToken cancellationToken) => ListPciDevicesAsync(cancellationToken);

    private static string NameOf(PciAddress address) => $"pci_{address.ToString().Replace(':', '_').Replace('.', '_')}";
}
