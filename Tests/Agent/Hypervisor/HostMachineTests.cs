using PciBus.Agent.Hypervisor;
using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Tests.Agent.Pci;
using Xunit;

namespace PciBus.Tests.Agent.Hypervisor;

public sealed class HostMachineTests : IDisposable
{
    private readonly SysfsTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void Host_IsReadFromTheKernel()
    {
        _tree.File("proc/cpuinfo", "processor\t: 0\ncpu MHz\t\t: 2394.374\n\nprocessor\t: 1\ncpu MHz\t\t: 800.000\n");
        _tree.File("proc/meminfo", "MemTotal:       24680124 kB\nMemFree:        1 kB\n");
        _tree.File("proc/sys/kernel/random/boot_id", "6f1d7c6e-7a4c-4b1e-8f3a-000000000001\n");
        var machine = new HostMachine(_tree.Sysfs.PathOf(""));

        Assert.Equal(new HostCapacity(2, 2394, 24680124L * 1024), machine.Capacity);
        Assert.Equal("6f1d7c6e-7a4c-4b1e-8f3a-000000000001", machine.BootId);
        _tree.File("sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq", "3600000\n");
        Assert.Equal(3600, machine.Capacity.Speed);
    }

    [Fact]
    public void BootId_IsNeverGuessed() => Assert.Throws<HypervisorException>(() => new HostMachine(_tree.Sysfs.PathOf("")).BootId);
}
