using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Pci;

/// <summary>
/// Binds functions to vfio-pci, and looks whether they are. It asks nobody whether the host can do without: its caller has
/// (<see cref="PciObstacles"/>).
/// </summary>
/// <param name="sysfs">The kernel's files.</param>
/// <param name="write">Writes a text to one of them.</param>
internal sealed class VfioBinder(Sysfs sysfs, Action<string, string> write)
{
    public const string Driver = "vfio-pci";

    /// <summary>Null when the function is bound, otherwise why not.</summary>
    public string? Bind(PciAddress address)
    {
        var before = sysfs.LinkName(address, "driver");
        if (before == Driver) return null;
        if (!Directory.Exists(sysfs.PathOf($"sys/bus/pci/drivers/{Driver}"))) return $"the kernel has no {Driver}: load it with modprobe {Driver}";
        try
        {
            // The override alone decides: no other driver takes it in between, nor after a rescan of the bus.
            write(sysfs.PathOf(address, "driver_override"), Driver);
            if (before is not null) write(sysfs.PathOf(address, "driver/unbind"), address.ToString());
            write(sysfs.PathOf("sys/bus/pci/drivers_probe"), address.ToString());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"it cannot be bound to {Driver}: {e.Message}";
        }

        return sysfs.LinkName(address, "driver") switch
        {
            Driver => null,
            null => $"{Driver} did not take it, and it has no driver now; the kernel's log says why",
            var other => $"{Driver} did not take it, {other} has it",
        };
    }
}
