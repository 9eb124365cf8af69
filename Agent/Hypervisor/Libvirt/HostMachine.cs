using System.Globalization;
using PciBus.Agent.Pci;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>What the kernel says of the machine itself: it says so also while libvirtd does not answer.</summary>
/// <param name="root">The folder in which <c>sys</c> and <c>proc</c> lie.</param>
internal sealed class HostMachine(string root)
{
    /// <exception cref="HypervisorException">It cannot be read.</exception>
    public string BootId => Sysfs.Text(Path.Combine(root, "proc/sys/kernel/random/boot_id"))
        ?? throw new HypervisorException(Native.LibvirtError.SystemError, 0, "the boot id of the host cannot be read");

    public HostCapacity Capacity
    {
        get
        {
            var processors = Lines("proc/cpuinfo");
            return new HostCapacity(
                processors.Count(line => line.StartsWith("processor", StringComparison.Ordinal)),
                MaxSpeed ?? (long)Number(processors, "cpu MHz"),
                (long)Number(Lines("proc/meminfo"), "MemTotal") * 1024);
        }
    }

    /// <summary>RAM in bytes that can be given away without anybody's having to give some back.</summary>
    public long FreeMemory => (long)Number(Lines("proc/meminfo"), "MemAvailable") * 1024;

    public bool HasNetwork(string name) => Directory.Exists(Path.Combine(root, "sys/class/net", name));

    /// <summary>In MHz; null where the kernel does not know it.</summary>
    private long? MaxSpeed =>
        long.TryParse(Sysfs.Text(Path.Combine(root, "sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq")), CultureInfo.InvariantCulture, out var speed)
            ? speed / 1000
            : null;

    private string[] Lines(string file) => (Sysfs.Text(Path.Combine(root, file)) ?? "").Split('\n');

    private static double Number(string[] lines, string key) =>
        lines.FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal)) is { } line
        && double.TryParse(line.Split(':')[^1].Trim().Split(' ')[0], CultureInfo.InvariantCulture, out var number)
            ? number
            : 0;
}
