using System.Xml.Linq;
using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Agent.Registration;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Hypervisor.Libvirt;

/// <summary>What guests of real libvirts get beside their devices.</summary>
[OutOfProcess]
[OnlyInAll("two hosts of libvirt, 20 s")]
[Collection(LibvirtLibrary.Collection)]
public sealed partial class LibvirtGuestsTests(LibvirtHosts hosts) : IClassFixture<LibvirtHosts>, IAsyncLifetime
{
    private readonly VirtualMachineTO _vm = new() { Name = "i-2-10-VM", Uuid = Guid.NewGuid(), Cpus = 1, MaxRam = 64 << 20 };
    private readonly List<LibvirtHypervisor> _opened = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        LibvirtHosts.Require();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var hypervisor in _opened)
        {
            foreach (var domain in await hypervisor.ListDomainsAsync(default)) await hypervisor.DestroyAsync(domain.Uuid, default);
            await hypervisor.DisposeAsync();
        }
    }

    [Fact]
    public async Task ProcessorOfAGuest_IsComparedWithTheDestinations()
    {
        var source = await OpenAsync(hosts.First, new LibvirtProperties());
        await source.StartAsync(_vm, Token);
        var cpu = "";
        await hosts.First.ByHandAsync(async connection => cpu = await connection.FindCpuAsync(_vm.Uuid, Token), Token);
        await hosts.Second.ByHandAsync(
            async connection =>
            {
                Assert.Null(await connection.CpuObjectionAsync(cpu!, "qemu", Token));
                // No software knows it.
                var more = cpu!.Replace("</cpu>", "<feature policy='require' name='avx512f'/></cpu>", StringComparison.Ordinal);
                Assert.Contains("avx512f", await connection.CpuObjectionAsync(more, "qemu", Token), StringComparison.Ordinal);
            },
            Token);

        Assert.Null(await source.ObjectionToMigrateAsync(_vm.Uuid, hosts.Second.Uri, Token));
        // This process may be wrong about who is there: libvirtd has the word.
        Assert.Null(await source.ObjectionToMigrateAsync(_vm.Uuid, "qemu+tcp://127.0.0.1:1/system", Token));
    }

    [Theory]
    [InlineData($"bridge:{LibvirtHost.Bridge}")]
    [InlineData("network:guests")]
    public async Task Guest_IsConnected_AndStaysSoWhereItGoes(string network)
    {
        foreach (var host in new[] { hosts.First, hosts.Second })
        {
            if (network == "network:guests") await host.MakeNetworkAsync("guests", Token);
        }

        var settings = new LibvirtProperties { Network = LibvirtNetwork.Parse(network) };
        var (first, second) = (await OpenAsync(hosts.First, settings), await OpenAsync(hosts.Second, settings));
        Assert.Null(await first.ObjectionToRunAsync(_vm, Token));
        await first.StartAsync(_vm, Token);
        Assert.NotEmpty(PortsOf(hosts.First));
        Assert.Equal(LibvirtNicXml.AddressOf(_vm.Uuid), await AddressOfCardAsync(hosts.First));

        Assert.Null(await second.ObjectionToRunAsync(_vm, Token));
        await first.MigrateAsync(_vm.Uuid, second.MigrationUri, autoConverge: false, Token);
        Assert.Empty(PortsOf(hosts.First));
        Assert.NotEmpty(PortsOf(hosts.Second));
        Assert.Equal(LibvirtNicXml.AddressOf(_vm.Uuid), await AddressOfCardAsync(hosts.Second));
    }

    [Fact]
    public async Task Card_LeavesThePortsToDevices()
    {
        var first = await OpenAsync(hosts.First, new LibvirtProperties { Network = new LibvirtNetwork(true, LibvirtHost.Bridge) });
        await first.StartAsync(_vm, Token);

        var domain = await FindAsync(hosts.First);
        Assert.All(Enumerable.Range(1, 4), port => Assert.True(LibvirtDomainReader.IsFree(domain, new PciAddress(0, (byte)port, 0, 0))));
        foreach (var device in Enumerable.Range(1, 4).Select(HypervisorBench.Stand))
        {
            await first.AttachAsync(_vm.Uuid, LibvirtBench.Emulated(device), device.Address, Token);
        }
    }

    [Theory]
    [InlineData("bridge:guests9", "this host has no bridge guests9")]
    [InlineData("bridge:lo", "this host has no bridge lo")]
    [InlineData("network:nowhere", "libvirt has no network nowhere")]
    public async Task NetworkThatIsNotThere_IsSaidSo(string network, string problem)
    {
        var first = await OpenAsync(hosts.First, new LibvirtProperties { Network = LibvirtNetwork.Parse(network) });

        Assert.Equal($"libvirt.network={network}: {problem}", await first.ObjectionToRunAsync(_vm, Token));
    }

    private static IReadOnlyList<string> PortsOf(LibvirtHost host) => host.Sysfs.Names($"class/net/{LibvirtHost.Bridge}/brif")!;

    private async Task<LibvirtHypervisor> OpenAsync(LibvirtHost host, LibvirtProperties settings)
    {
        var hypervisor = LibvirtBench.Make(host, settings: settings);
        _opened.Add(hypervisor);
        await hypervisor.OpenAsync(Token);
        return hypervisor;
    }

    private async Task<string?> AddressOfCardAsync(LibvirtHost host) => Assert.Single(
        XElement.Parse((await FindAsync(host)).Xml).Descendants("interface")).Element("mac")?.Attribute("address")?.Value;

    private async Task<LibvirtDomain> FindAsync(LibvirtHost host)
    {
        LibvirtDomain? domain = null;
        await host.ByHandAsync(async connection => domain = await connection.FindDomainAsync(_vm.Uuid, Token), Token);
        return Assert.IsType<LibvirtDomain>(domain);
    }
}
