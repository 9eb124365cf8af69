using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Pci;

/// <summary>Takes devices away from the host's drivers: bound to vfio-pci they can be given to virtual machines.</summary>
/// <param name="sysfs">The kernel's devices.</param>
/// <param name="write">Writes to a file of sysfs, as <see cref="KernelFolder.Write"/> does.</param>
internal sealed class PciDriverBinding(KernelFolder sysfs, Action<string, string> write)
{
    public const string Driver = "vfio-pci";

    private const string Probe = "bus/pci/drivers_probe";

    /// <summary>Binds a device; null when it is bound, otherwise why not. A device that may not be given away is not touched.</summary>
    /// <param name="device">The device as it is now.</param>
    /// <param name="usability">Says whether it may be given away.</param>
    public string? Bind(PciFunction device, PciUsability usability)
    {
        if (usability.WhyNot(device) is { } reason) return reason;
        if (device.IsHeldForGuests) return null;
        if (!sysfs.Exists($"bus/pci/drivers/{Driver}"))
        {
            return $"{device.Address} cannot be bound to {Driver}: the kernel has no such driver; modprobe {Driver}";
        }

        var failure = Try(() =>
        {
            // First: in the moment without a driver no other driver may take it.
            write(Override(device.Address), Driver);
            if (device.Driver is not null) write($"{SysfsPciBus.Devices}/{device.Address}/driver/unbind", device.Address.ToString());
            write(Probe, device.Address.ToString());
        });
        // What the kernel has done counts, not what it has said.
        var now = DriverOf(device.Address);
        if (now == Driver) return null;
        GiveBack(device.Address);
        return $"{device.Address} could not be bound to {Driver}: {failure ?? "the kernel did not say why"}; its driver is now "
            + (DriverOf(device.Address) ?? "none");
    }

    /// <summary>Lets the host's own driver have the device again.</summary>
    private void GiveBack(PciAddress address)
    {
        Try(() => write(Override(address), "\n"));
        if (DriverOf(address) is null) Try(() => write(Probe, address.ToString()));
    }

    private string? DriverOf(PciAddress address) => sysfs.LinkName($"{SysfsPciBus.Devices}/{address}/driver");

    private static string Override(PciAddress address) => $"{SysfsPciBus.Devices}/{address}/driver_override";

    private static string? Try(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }
}
