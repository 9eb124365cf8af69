using PciBus.Management.PciDevices;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Setup;

/// <summary>The listeners that act when a virtual machine changes, in this order.</summary>
internal static class StateListeners
{
    /// <summary>
    /// Capacity comes first: the host's row of it is the first that is written, and puts everything that concerns the devices of one host
    /// in a line. Devices come next, and then the listeners that look at both.
    /// </summary>
    public static IReadOnlyList<Type> InOrder { get; } =
    [
        typeof(VirtualMachineCapacityManager),
        typeof(PciDeviceManager),
        typeof(SightingManager),
        typeof(HighAvailabilityManager),
        typeof(UnsettledAlertManager),
        typeof(DegradationManager),
        typeof(DomainStatusManager),
        typeof(VirtualMachineEvents),
    ];

    public static IServiceCollection AddStateListeners(this IServiceCollection services)
    {
        foreach (var listener in InOrder) services.AddScoped(listener);
        return services.AddScoped<IReadOnlyList<IStateListener>>(
            provider => [.. InOrder.Select(listener => (IStateListener)provider.GetRequiredService(listener))]);
    }
}
