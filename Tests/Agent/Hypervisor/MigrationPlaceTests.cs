using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Agent.Registration;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;
using Xunit;

namespace PciBus.Tests.Agent.Hypervisor;

/// <summary>What a host lacks for a VM that shall come to it, said before anything is detached.</summary>
public sealed class MigrationPlaceTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("pcibus-place-").FullName;
    private readonly KvmProperties _settings;
    private readonly VirtualMachineTO _vm = new()
    {
        Uuid = Guid.NewGuid(),
        MaxRam = 4L << 30,
        Template = "http://images.example/debian.qcow2",
        PciDevices = [new PciDeviceTO { Address = PciAddress.Parse("28:00.1") }],
    };

    public MigrationPlaceTests()
    {
        Directory.CreateDirectory(Path.Combine(_root, "sys/class/net/br0"));
        Memory(8 << 20);
        _settings = new KvmProperties
        {
            MigrationUri = "qemu+tls://10.0.0.1/system",
            Bridge = "br0",
            Templates = _root,
            Disks = _root,
            Kernel = File("vmlinuz"),
            Initrd = File("initrd"),
        };
        File($"{_vm.Uuid}.qcow2");
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void HostWithAllOfIt_IsGood() => Assert.Null(ObstacleOf(_settings, _vm));

    [Fact]
    public void WhatIsMissing_IsNamed()
    {
        Assert.StartsWith("this host takes no migrations", ObstacleOf(_settings with { MigrationUri = "" }, _vm), StringComparison.Ordinal);
        Assert.Equal("this host has no bridge br1, which its kvm.bridge names", ObstacleOf(_settings with { Bridge = "br1" }, _vm));
        var other = Guid.NewGuid();
        Assert.StartsWith($"this host does not see the VM's disk {_root}/{other}.qcow2", ObstacleOf(_settings, _vm with { Uuid = other }), StringComparison.Ordinal);
        Assert.StartsWith("this host has no /none, which", ObstacleOf(_settings with { Initrd = "/none" }, _vm), StringComparison.Ordinal);
    }

    [Fact]
    public void MemoryThatCannotBeLocked_IsNamed_WhereItWillBe()
    {
        Memory(3 << 20);

        Assert.Equal("this host has 3072 MiB of RAM available, and the VM with PCI devices needs 4096 MiB that can be locked", ObstacleOf(_settings, _vm));
        Assert.Null(ObstacleOf(_settings, _vm with { PciDevices = [] }));
    }

    private string? ObstacleOf(KvmProperties settings, VirtualMachineTO vm) =>
        new MigrationPlace(settings, new HostMachine(_root), new RootDisks(settings)).ObstacleOf(vm);

    private void Memory(long kib)
    {
        Directory.CreateDirectory(Path.Combine(_root, "proc"));
        System.IO.File.WriteAllText(Path.Combine(_root, "proc/meminfo"), $"MemTotal: 16777216 kB\nMemAvailable: {kib} kB\n");
    }

    private string File(string name)
    {
        var path = Path.Combine(_root, name);
        System.IO.File.WriteAllText(path, "");
        return path;
    }
}
