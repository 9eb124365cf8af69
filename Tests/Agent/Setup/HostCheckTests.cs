using PciBus.Agent.Registration;
using PciBus.Agent.Setup;
using PciBus.Tests.Agent.Pci;
using Xunit;

namespace PciBus.Tests.Agent.Setup;

/// <summary>What <c>Agent check</c> says of a KVM host.</summary>
public sealed class HostCheckTests : IDisposable
{
    private readonly SysfsTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public async Task Devices_AreShownWithAllThatIsKnown_AndNothingIsTouched()
    {
        _tree.Add("28:00.1", group: 7);
        _tree.Add("29:00.0", driver: null, group: -1);
        File.Delete(_tree.Sysfs.PathOf(_tree.Add("2a:00.0", driver: "vfio-pci", group: 9), "reset_method"));
        File.Delete(_tree.Sysfs.PathOf("sys/bus/pci/devices/0000:2a:00.0/reset"));
        var path = Path.Combine(_tree.Folder("etc"), "agent.properties");
        await File.WriteAllTextAsync(
            path, $"guid=kvm1\nhypervisor.type=kvm\nkvm.uri=qemu+unix:///system?socket={path}/none\npci.devices=8086:10ed|10GE,30:00.0|Gone", TestContext.Current.CancellationToken);
        var file = AgentPropertiesFile.Open(path, TimeProvider.System, bus: _tree.Sysfs.List);
        using var output = new StringWriter();

        var problems = await HostCheck.RunAsync(file, _tree.Pci, output, TestContext.Current.CancellationToken);

        Assert.Equal(
            """
            0000:28:00.1 10GE: 8086:10ed class 020000, serial 00-1b-21-ff-ff-a3-b2-c1, driver ixgbe, IOMMU group 7, reset flr bus
            0000:29:00.0 10GE: 8086:10ed class 020000, serial 00-1b-21-ff-ff-a3-b2-c1, no driver, reset flr bus
            0000:2a:00.0 10GE: 8086:10ed class 020000, serial 00-1b-21-ff-ff-a3-b2-c1, driver vfio-pci, IOMMU group 9
            0000:30:00.0 Gone

            """,
            output.ToString());
        Assert.Equal(4, problems.Count);
        Assert.StartsWith("0000:29:00.0 10GE is not served: it has no IOMMU group", problems[0], StringComparison.Ordinal);
        Assert.Equal("0000:2a:00.0 10GE cannot be reset: it is quarantined after each use", problems[1]);
        Assert.Equal("0000:30:00.0 Gone: the host has no such device", problems[2]);
        Assert.StartsWith($"{file.Properties.Kvm.Uri} cannot be used: ", problems[3], StringComparison.Ordinal);
        Assert.Empty(_tree.Written);
    }
}
