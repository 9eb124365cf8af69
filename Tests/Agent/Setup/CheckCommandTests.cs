using Microsoft.Extensions.Logging.Abstractions;
using PciBus.Agent.Registration;
using PciBus.Agent.Setup;
using PciBus.Contracts.PciDevices;
using PciBus.Tests.Hypervisor.Libvirt;
using Xunit;

namespace PciBus.Tests.Agent.Setup;

/// <summary>What <c>Agent check</c> says of devices.</summary>
public sealed class CheckCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pcibus-check-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private FileInfo PropertiesFile => new(Path.Combine(_folder, "agent.properties"));

    [Fact]
    public async Task Device_IsShownWithThePatternThatMeansIt_AndAPatternThatMeansNoneIsNamed()
    {
        await WriteAsync("28:00.1|10GE,28:00.2|10GE");
        var file = AgentPropertiesFile.Open(PropertiesFile.FullName, TimeProvider.System);
        await using (var host = HostSetup.Simulated(file, TimeProvider.System, NullLoggerFactory.Instance))
        {
            await host.OpenAsync(Token);
            Assert.Equal(2, (await host.ListPciDevicesAsync(Token)).Count);
        }

        await WriteAsync("28:00.2|10GE,28:00.*|NIC,2a:*.*|GPU,29:00.0|new");
        var (code, output, error) = await CheckAsync();

        Assert.Equal(1, code);
        Assert.Contains("0000:28:00.2 10GE\n0000:29:00.0 new\n0000:28:00.1 NIC (by 28:00.*)\n", output, StringComparison.Ordinal);
        Assert.Contains("pci.devices entry 3 \"2a:*.*|GPU\" means no device of this host", error, StringComparison.Ordinal);
        Assert.Equal(2, (await File.ReadAllTextAsync(Path.Combine(_folder, "data", "simulator", "devices.json"), Token)).Split("\"address\"").Length - 1);
    }

    [Fact]
    public void Trouble_IsShownBesideTheDevice()
    {
        var list = PciDevicesParser.Parse("28:00.1|A,28:00.2|B,28:00.3|C");
        PciDeviceTO[] seen =
        [
            new() { Address = PciAddress.Parse("28:00.1") },
            new() { Address = PciAddress.Parse("28:00.2"), Unusable = "0000:28:00.2 is a bridge" },
        ];

        Assert.Equal(
            [
                "0000:28:00.1 A",
                "0000:28:00.2 B is not served: 0000:28:00.2 is a bridge",
                "0000:28:00.3 C is not served: the host sees no device there",
            ],
            CheckedDevices.Lines(list, seen));
        Assert.False(CheckedDevices.AreReady(list, seen));
    }

    [Fact]
    public async Task NetworkThatARealHostLacks_IsNamed()
    {
        LibvirtLibrary.Require();
        await File.WriteAllLinesAsync(
            PropertiesFile.FullName,
            [
                "guid=kvm1", "hypervisor.type=kvm", "agent.data.folder=data", "pci.devices=28:00.1|10GE",
                $"libvirt.uri={LibvirtLibrary.TestDriver}", "libvirt.network=network:absent",
            ],
            Token);
        var (code, _, error) = await CheckAsync();

        Assert.Equal(1, code);
        Assert.Contains("libvirt.network=network:absent: libvirt has no network absent", error, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Task WriteAsync(string devices) => File.WriteAllLinesAsync(
        PropertiesFile.FullName, ["guid=kvm1", "hypervisor.type=simulated", "agent.data.folder=data", $"pci.devices={devices}"], Token);

    private async Task<(int Code, string Output, string Error)> CheckAsync()
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter();
        return (await CheckCommand.RunAsync(PropertiesFile, output, error, Token), output.ToString(), error.ToString());
    }
}
