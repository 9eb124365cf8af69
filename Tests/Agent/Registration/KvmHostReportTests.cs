using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using PciBus.Agent.Commands;
using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Agent.Registration;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.Startup;
using PciBus.Tests.Agent.Pci;
using Xunit;

namespace PciBus.Tests.Agent.Registration;

/// <summary>What a KVM host says of itself, also while there is no libvirtd.</summary>
public sealed class KvmHostReportTests : IDisposable
{
    private readonly SysfsTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public async Task DevicesInTheWay_AreBadEntries_AndTheOthersAreTakenFromTheHost()
    {
        Assert.SkipUnless(NativeLibrary.TryLoad("libvirt.so.0", out _), "libvirt.so.0 is not there (Debian: libvirt0)");
        var good = _tree.Add("28:00.1");
        _tree.AddUpper(Network(_tree.Add("28:00.2")), "br0");
        _tree.Add("29:00.0", id: "10de:1eb8");

        var report = await LookAsync("28:*.*|10GE, 30:00.0|Gone ,10de:1eb8|GPU,1234:5678|No", session: 1);

        Assert.Equal(
            ["0000:28:00.1 10GE True vfio-pci", "0000:29:00.0 GPU True vfio-pci", "0000:30:00.0 Gone False "],
            report.PciDevices!.OrderBy(device => device.Address).Select(device => $"{device.Address} {device.Name} {device.Present} {device.Driver}"));
        Assert.Equal("vfio-pci", _tree.Pci.Find(good)!.Driver);
        Assert.Equal(
            [
                new BadPciDeviceEntry { Entry = "1234:5678|No", Position = 4, Reason = "the host has no such device" },
                new BadPciDeviceEntry { Entry = "0000:28:00.2|10GE", Position = 1, Reason = "the host needs it: eth0 is part of br0" },
            ],
            report.BadPciDevices);
        // Not seen is not none.
        Assert.Null(report.VirtualMachines);
        Assert.StartsWith("the host's domains could not be read: Failed to connect socket to", Assert.Single(report.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task NothingIsTaken_BeforeManagementHasTakenTheHost()
    {
        Assert.SkipUnless(NativeLibrary.TryLoad("libvirt.so.0", out _), "libvirt.so.0 is not there (Debian: libvirt0)");
        _tree.Add("28:00.1");
        _tree.AddUpper(Network(_tree.Add("28:00.2")), "br0");

        var report = await LookAsync("28:00.1|10GE,28:00.2|10GE", session: 0);

        Assert.Equal(("0000:28:00.1", "ixgbe"), Assert.Single(report.PciDevices!) is var device ? ($"{device.Address}", device.Driver) : default);
        Assert.Equal("the host needs it: eth0 is part of br0", Assert.Single(report.BadPciDevices).Reason);
        Assert.Empty(_tree.Written);
    }

    private string Network(PciAddress address)
    {
        _tree.AddNetwork(address, "eth0");
        return "eth0";
    }

    private async Task<HostReport> LookAsync(string devices, long session)
    {
        var path = Path.Combine(_tree.Folder("etc"), "agent.properties");
        await File.WriteAllTextAsync(
            path, $"guid=kvm1\nhypervisor.type=kvm\nkvm.uri=qemu+unix:///system?socket={_tree.Folder("run")}/none\npci.devices={devices}", TestContext.Current.CancellationToken);
        _tree.File("proc/sys/kernel/random/boot_id", "1\n");
        var file = AgentPropertiesFile.Open(path, TimeProvider.System, bus: _tree.Sysfs.List);
        using var hypervisor = new LibvirtHypervisor(
            file.Properties, new HostMachine(_tree.Sysfs.PathOf("")), _tree.Pci, TimeProvider.System, NullLogger<LibvirtHypervisor>.Instance);
        using var journal = new CommandJournal(Path.Combine(_tree.Folder("data"), "journal.jsonl"), false, TimeProvider.System);
        journal.Open();
        var own = new AgentSession("kvm1");
        if (session > 0) own.Begin(session, TimeSpan.FromSeconds(60));
        return await new HostReporter(hypervisor, file, journal, own).LookAsync(TestContext.Current.CancellationToken);
    }
}
