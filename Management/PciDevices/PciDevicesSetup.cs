using PciBus.Management.Hosts;
using PciBus.Management.Persistence;
using PciBus.Management.ServiceOfferings;

namespace PciBus.Management.PciDevices;

/// <summary>
/// Registers the inventory of PCI devices, and what tells lower capabilities of it; their claims are a listener of virtual machines.
/// </summary>
internal static class PciDevicesSetup
{
    public static IServiceCollection AddPciDevices(this IServiceCollection services) => services
        .AddScoped<PciDeviceReportManager>().AddScoped<PciRenumberingManager>()
        .AddScoped<PciDeviceAdministrationManager>().AddScoped<PciDeviceQuarantineManager>()
        .AddScoped<PciDeviceHotplugManager>().AddScoped<PciDeviceRepairManager>()
        .AddScoped<PlacementClassManager>().AddSingleton<PlacementClasses>()
        .AddSingleton<IDatabaseCache>(provider => provider.GetRequiredService<PlacementClasses>())
        .AddScoped<HostCapacityAuditManager>().AddScoped<IHostRemoval, HostRemovalManager>().AddScoped<IDeviceNames, DeviceNamesManager>();
}
