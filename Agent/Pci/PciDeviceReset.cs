using PciBus.Agent.Hypervisor;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Pci;

/// <summary>Resets a device between two owners, and looks whether it came back.</summary>
/// <param name="bus">The host's devices.</param>
/// <param name="write">Writes to a file of sysfs, as <see cref="KernelFolder.Write"/> does.</param>
internal sealed class PciDeviceReset(SysfsPciBus bus, Action<string, string> write)
{
    /// <summary>Resets the device in the best way that the kernel knows. It may take a minute: the kernel waits for the device.</summary>
    /// <exception cref="HypervisorException">It is not clean, and why. A device that is not bound for guests is not touched.</exception>
    public void Reset(PciAddress address)
    {
        var device = bus.Find(address) ?? throw SysfsPciBus.Failure($"the host sees no device at {address}");
        if (!device.IsHeldForGuests)
        {
            throw SysfsPciBus.Failure($"{address} is not reset: its driver is {device.Driver ?? "none"}, not {PciDriverBinding.Driver}");
        }

        if (!device.CanReset) throw SysfsPciBus.Failure($"{address} is not clean: the kernel knows no way to reset it alone");
        try
        {
            write($"{SysfsPciBus.Devices}/{address}/reset", "1");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SysfsPciBus.Failure($"{address} could not be reset ({string.Join(", ", device.ResetMethods)}): {e.Message}");
        }

        Probe(address);
    }

    private void Probe(PciAddress address)
    {
        var device = bus.Find(address) ?? throw SysfsPciBus.Failure($"{address} is gone since its reset");
        if (device.Answers == false)
        {
            throw SysfsPciBus.Failure($"{address} does not answer since its reset: its configuration space is all ff; it may need a power "
                + "cycle of the host");
        }

        if (device.Answers is null) throw SysfsPciBus.Failure($"the configuration space of {address} cannot be read since its reset");
        if (!device.IsHeldForGuests)
        {
            throw SysfsPciBus.Failure(
                $"the driver of {address} is {device.Driver ?? "none"} since its reset, not {PciDriverBinding.Driver}");
        }
    }
}
