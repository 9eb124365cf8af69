using PciBus.Agent.Hypervisor;
using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Contracts.PciDevices;
using PciBus.Tests.Agent.Pci;
using Xunit;

namespace PciBus.Tests.Hypervisor.Libvirt;

/// <summary>Processes as libvirt starts them, in a /proc that the test lays out.</summary>
public sealed class QemuProcessesTests : IDisposable
{
    private static readonly Guid Vm = new("6a5cf3a0-5d9d-4d5e-9b0e-0a4f1d5a9c01");

    private readonly PciTree _tree = new();

    private QemuProcesses Processes => new(_tree.Proc, _tree.Bus);

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void DomainOfAProcess_IsRead_WithTheGroupsThatItHasOpen()
    {
        var device = _tree.Add("28:00.0", group: 12);
        _tree.Add("29:00.0", group: 13);
        Run(4711, "/usr/bin/qemu-system-x86_64", "-name", "guest=i-2-10-VM,,é,debug-threads=on", "-uuid", $"{Vm}", "-S");
        Open(4711, 3, "/dev/vfio/vfio");
        Open(4711, 4, "/dev/vfio/12");
        Open(4711, 5, "/dev/pts/13");
        Open(4711, 6, "socket:[13]");

        var process = Assert.Single(Processes.List());
        Assert.Equal(("4711", Vm, "i-2-10-VM,é"), (process.Number, process.Uuid, process.Name));
        Assert.Equal<PciAddress>([device], process.PciDevices);
        Assert.True(Processes.IsThere(process));
        var domain = process.ToDomain();
        Assert.Equal((Vm, "i-2-10-VM,é", DomainState.Running, true), (domain.Uuid, domain.Name, domain.State, domain.HasJob));
        Assert.StartsWith("process 4711 runs the domain, and libvirt does not show it", domain.Trouble, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/usr/bin/qemu-system-x86_64", "-uuid")]
    [InlineData("/usr/bin/qemu-system-x86_64", "-uuid", "none")]
    [InlineData("/usr/bin/qemu-system-x86_64", "-name", "guest=i-2-10-VM")]
    [InlineData("/usr/sbin/sshd", "-D")]
    public void OtherProcess_IsNoDomain(params string[] arguments)
    {
        Run(4711, arguments);
        // It has ended, and its parent has not asked for its end.
        _tree.Put("../proc/4712/cmdline", "");

        Assert.Empty(Processes.List());
    }

    [Fact]
    public void ProcessThatEnded_OrAnotherOfItsNumber_IsNotThere()
    {
        Run(4711, "qemu", "-uuid", $"{Vm}");
        var process = Assert.Single(Processes.List());
        Assert.Equal($"{Vm}", process.Name);
        Run(4711, "qemu", "-uuid", $"{Guid.NewGuid()}");
        Assert.False(Processes.IsThere(process));
        Directory.Delete(_tree.Proc.FullPath("4711"), recursive: true);
        Assert.False(Processes.IsThere(process));
    }

    private void Run(int number, params string[] arguments) =>
        _tree.Put(FormattableString.Invariant($"../proc/{number}/cmdline"), string.Join('\0', arguments) + '\0');

    private void Open(int number, int file, string target)
    {
        var folder = _tree.Proc.FullPath(FormattableString.Invariant($"{number}/fd"));
        Directory.CreateDirectory(folder);
        File.CreateSymbolicLink(Path.Combine(folder, FormattableString.Invariant($"{file}")), target);
    }
}
