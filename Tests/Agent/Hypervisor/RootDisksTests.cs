using System.Diagnostics;
using PciBus.Agent.Hypervisor;
using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Agent.Registration;
using PciBus.Contracts.VirtualMachines;
using Xunit;

namespace PciBus.Tests.Agent.Hypervisor;

public sealed class RootDisksTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pcibus-disks-").FullName;
    private readonly RootDisks _disks;
    private readonly VirtualMachineTO _vm = new() { Uuid = Guid.NewGuid(), Template = "http://images.example/debian.img" };

    public RootDisksTests() => _disks = new RootDisks(new KvmProperties { Templates = _folder, Disks = _folder });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Vm_HasNoDisk_WhereThereAreNone()
    {
        Assert.Null(new RootDisks(new KvmProperties()).Find(_vm, Token));
        Assert.Null(_disks.Find(_vm with { Template = null }, Token));
    }

    [Fact]
    public void Template_ThatIsNotThere_IsNamed()
    {
        var trouble = Assert.Throws<HypervisorException>(() => _disks.Find(_vm, Token));

        Assert.Equal(55, trouble.Code);
        Assert.Contains($"there is no template {_folder}/debian.img, for http://images.example/debian.img", trouble.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Disk_IsMadeOnce_AndKept()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/qemu-img"), "qemu-img is not there (Debian: qemu-utils)");
        File.WriteAllBytes(Path.Combine(_folder, "debian.img"), new byte[1 << 20]);

        var disk = _disks.Find(_vm, Token)!;
        Assert.Equal(Path.Combine(_folder, $"{_vm.Uuid}.qcow2"), disk);
        using var info = Process.Start(new ProcessStartInfo("qemu-img", ["info", disk]) { RedirectStandardOutput = true })!;
        Assert.Contains("backing file format: raw", info.StandardOutput.ReadToEnd(), StringComparison.Ordinal);
        File.WriteAllText(disk, "kept");
        Assert.Equal(disk, _disks.Find(_vm, Token));
        Assert.Equal("kept", File.ReadAllText(disk));
        Assert.Equal(["debian.img", $"{_vm.Uuid}.qcow2"], Directory.EnumerateFiles(_folder).Select(path => Path.GetFileName(path)).OrderBy(name => name == "debian.img" ? 0 : 1));
    }

    [Fact]
    public void Disk_ThatNobodyWaitsForAnyMore_IsNotMade()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/qemu-img"), "qemu-img is not there (Debian: qemu-utils)");
        File.WriteAllBytes(Path.Combine(_folder, "debian.img"), new byte[1 << 20]);

        Assert.ThrowsAny<OperationCanceledException>(() => _disks.Find(_vm, new CancellationToken(true)));
        Assert.False(File.Exists(_disks.PathOf(_vm)));
    }
}
