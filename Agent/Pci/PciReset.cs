using System.Buffers.Binary;

namespace PciBus.Agent.Pci;

/// <summary>Resets a function that nobody uses, and looks whether it comes back.</summary>
/// <param name="sysfs">The kernel's files.</param>
/// <param name="write">Writes a text to one of them.</param>
internal sealed class PciReset(Sysfs sysfs, Action<string, string> write)
{
    /// <summary>Where the command and status registers are: a virtual function shows no vendor.</summary>
    private const int Command = 4;

    /// <summary>Null when the function is clean, otherwise why not.</summary>
    public string? Reset(PciFunction function)
    {
        var address = function.Address;
        if (function.ResetMethods.Length == 0) return $"Unable to reset PCI device {address}: no FLR, PM reset or bus reset available";
        try
        {
            write(sysfs.PathOf(address, "reset"), "1");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"Unable to reset PCI device {address}: {e.Message}";
        }

        return Probe(function);
    }

    /// <summary>Null when the config space answers, and with the identity that the kernel knows.</summary>
    public string? Probe(PciFunction function)
    {
        var config = sysfs.Config(function.Address);
        if (config.Length < 2 * sizeof(uint) || BinaryPrimitives.ReadUInt32LittleEndian(config.AsSpan(Command)) == uint.MaxValue)
        {
            return $"PCI device {function.Address} does not answer: its config space cannot be read";
        }

        if (function.PhysicalFunction is not null) return null;
        var (vendor, product) = (BinaryPrimitives.ReadUInt16LittleEndian(config), BinaryPrimitives.ReadUInt16LittleEndian(config.AsSpan(2)));
        return $"{vendor:x4}:{product:x4}" == $"{function.VendorId}:{function.ProductId}"
            ? null
            : $"PCI device {function.Address} answers as {vendor:x4}:{product:x4}, and was {function.VendorId}:{function.ProductId}";
    }
}
