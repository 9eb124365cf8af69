using Microsoft.Extensions.Logging.Abstractions;
using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Agent.Pci;
using PciBus.Agent.Registration;
using PciBus.Contracts.VirtualMachines;
using Xunit;

namespace PciBus.Tests.Hypervisor.Libvirt;

/// <summary>A guest with PCI devices has all its memory locked, which the host must have.</summary>
public sealed class HostMemoryTests : IDisposable
{
    private const long MiB = 1 << 20;

    private readonly string _proc = Directory.CreateTempSubdirectory("pcibus-memory-").FullName;

    [Theory]
    [InlineData("MemTotal:  4194304 kB\nMemFree: 1024 kB\nMemAvailable:     262144 kB\nCached: 9 kB\n", false)]
    [InlineData("MemAvailable: 262143 kB\n", true)]
    [InlineData("MemAvailable: 262143 B\n", false)]
    [InlineData("MemAvailable: -1 kB\n", false)]
    [InlineData("MemAvailable:\n", false)]
    [InlineData("MemTotal: 1 kB\n", false)]
    [InlineData("", false)]
    public void MemoryThatTheHostSaysItLacks_IsAnObjection(string meminfo, bool objects)
    {
        File.WriteAllText(Path.Combine(_proc, "meminfo"), meminfo);
        Assert.Equal(
            objects ? "the guest's memory is locked for its PCI devices: 256 MiB, and the host has 255 MiB available" : null,
            new HostMemory(new KernelFolder(_proc)).ObjectionToLock(256 * MiB));
    }

    [Fact]
    public void HostThatSaysNothing_IsNoObjection() => Assert.Null(new HostMemory(new KernelFolder(_proc)).ObjectionToLock(256 * MiB));

    [Fact]
    public async Task GuestWithoutDevices_IsWelcomeAnyhow()
    {
        File.WriteAllText(Path.Combine(_proc, "meminfo"), "MemAvailable: 1024 kB\n");
        await using var hypervisor = new LibvirtHypervisor(
            new LibvirtProperties(), new MachineIdentity(), LibvirtLibrary.NoProcesses, TimeProvider.System, NullLogger<LibvirtHypervisor>.Instance,
            proc: new KernelFolder(_proc));
        var vm = new VirtualMachineTO { Uuid = Guid.NewGuid(), MaxRam = 256 * MiB };

        Assert.Null(await hypervisor.ObjectionToRunAsync(vm, TestContext.Current.CancellationToken));
        Assert.Equal(
            "the guest's memory is locked for its PCI devices: 256 MiB, and the host has 1 MiB available",
            await hypervisor.ObjectionToRunAsync(vm with { PciDevices = [HypervisorBench.Stand(1)] }, TestContext.Current.CancellationToken));
    }

    public void Dispose() => Directory.Delete(_proc, recursive: true);
}
