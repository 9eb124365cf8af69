using PciBus.Agent.Hypervisor;
using PciBus.Agent.Pci;

namespace PciBus.Agent.Registration;

/// <summary>
/// The devices of pci.devices, with those that its patterns mean. Patterns are looked up once for each state of the list: a device that
/// goes away later is missing, and not taken out of the list.
/// </summary>
internal sealed class ConfiguredDevices(AgentPropertiesFile file, IPciInventory inventory)
{
    private PciDeviceList? _read;
    private PciDeviceList? _expanded;

    public async Task<PciDeviceList> FindAsync(CancellationToken cancellationToken)
    {
        var list = file.Devices;
        if (list.Patterns.Count == 0) return list;
        if (_expanded is null || !ReferenceEquals(list.Devices, _read?.Devices) || !ReferenceEquals(list.Patterns, _read?.Patterns))
        {
            try
            {
                var devices = await inventory.ListPciDevicesAsync(cancellationToken);
                (_read, _expanded) = (list, PciPatternExpansion.Expand(list with { Warnings = [] }, devices));
            }
            catch (HypervisorException e)
            {
                // Without its patterns the list would say that devices were taken out of it.
                return list with
                {
                    Devices = null,
                    Warnings = [.. list.Warnings, $"the patterns of pci.devices could not be looked up: {e.Message}"],
                };
            }
        }

        return _expanded with { Warnings = [.. list.Warnings, .. _expanded.Warnings] };
    }
}
