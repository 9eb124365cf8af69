using System.Globalization;
using PciBus.Agent.Pci;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>The memory of the host, as its kernel counts it.</summary>
/// <param name="proc">What the kernel says of it.</param>
internal sealed class HostMemory(KernelFolder proc)
{
    private const string Available = "MemAvailable:";

    /// <summary>Why the host cannot lock so much memory for a guest; null when it can, or does not say.</summary>
    /// <param name="bytes">The guest's memory.</param>
    public string? ObjectionToLock(long bytes) => FindAvailable() is { } available && available < bytes
        ? $"the guest's memory is locked for its PCI devices: {MiB(bytes)} MiB, and the host has {MiB(available)} MiB available"
        : null;

    /// <summary>What programs could have without anything being swapped out, in bytes.</summary>
    private long? FindAvailable()
    {
        var line = proc.Text("meminfo")?.Split('\n').FirstOrDefault(line => line.StartsWith(Available, StringComparison.Ordinal));
        return line?[Available.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var number, "kB"]
            && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var amount)
                ? amount * 1024
                : null;
    }

    private static long MiB(long bytes) => bytes >> 20;
}
