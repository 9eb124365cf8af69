using PciBus.Agent.Commands;
using PciBus.Agent.Hypervisor;
using PciBus.Agent.Pci;
using PciBus.Contracts.PciDevices;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Agent.Pci;

/// <summary>Devices on their way from the host's driver to guests and back, in a made tree whose kernel does as it is told.</summary>
public sealed class SysfsPciInventoryTests : IDisposable
{
    private const string Devices = "bus/pci/devices";

    private readonly PciTree _tree = new();
    private readonly HostKernel _kernel;
    private readonly Dictionary<PciAddress, string> _uses = [];
    private readonly SysfsPciInventory _inventory;
    private readonly PciAddress _card;
    private IReadOnlyList<Domain> _domains = [];
    private int _usesRead;

    public SysfsPciInventoryTests()
    {
        _kernel = new HostKernel(_tree);
        _inventory = new SysfsPciInventory(
            _tree.Sysfs, Uses, _ => Task.FromResult(_domains), TimeProvider.System, _kernel.Write);
        _card = _tree.Add("28:00.1", group: 4);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Device_IsBoundToVfio_AndNothingElseGetsItOnTheWay()
    {
        var other = _tree.Add("29:00.0", group: 5);

        var served = Assert.Single(await ServeAsync(_card));

        Assert.Equal((null, "vfio-pci"), (served.Unusable, served.Driver));
        Assert.Equal(
            [
                $"{Devices}/0000:28:00.1/driver_override vfio-pci",
                $"{Devices}/0000:28:00.1/driver/unbind 0000:28:00.1",
                "bus/pci/drivers_probe 0000:28:00.1",
            ],
            _kernel.Written);
        Assert.Equal("e1000e", _tree.Bus.Find(other)!.Driver);

        await ServeAsync(_card);
        Assert.Equal(3, _kernel.Written.Count);
    }

    [Fact]
    public async Task DeviceWithoutDriver_IsNotUnbound()
    {
        _tree.Drive(_card, null);
        await ServeAsync(_card);
        Assert.Equal(["driver_override", "drivers_probe"], _kernel.Written.Select(line => line.Split(' ')[0].Split('/')[^1]));
    }

    [Fact]
    public async Task UnusableDevice_IsNotTouched_AndBoundWhenItMayBe()
    {
        _uses[_card] = "eth0, which has the host's default route";
        Assert.StartsWith("the host lives on 0000:28:00.1", Assert.Single(await ServeAsync(_card)).Unusable, StringComparison.Ordinal);
        Assert.Empty(_kernel.Written);

        _uses.Clear();
        Assert.Null(Assert.Single(await ServeAsync(_card)).Unusable);
    }

    [Fact]
    public async Task BothFunctionsOfACard_AreBound()
    {
        var partner = _tree.Add("28:00.2", group: 4);
        Assert.Contains("shares IOMMU group 4", Assert.Single(await ServeAsync(_card)).Unusable, StringComparison.Ordinal);

        Assert.All(await ServeAsync(_card, partner), device => Assert.Equal((null, "vfio-pci"), (device.Unusable, device.Driver)));
    }

    /// <summary>As the kernel's own driver of Intel's thermal sensor has it.</summary>
    [Fact]
    public async Task DriverWithABlankInItsName_IsADriver()
    {
        var partner = _tree.Add("28:00.2", group: 4, driver: "intel ips");

        Assert.Contains(
            "shares IOMMU group 4 with 0000:28:00.2 (8086:10d3, driver ?), which the host uses",
            Assert.Single(await ServeAsync(_card)).Unusable,
            StringComparison.Ordinal);
        Assert.All(await ServeAsync(_card, partner), device => Assert.Equal((null, "vfio-pci"), (device.Unusable, device.Driver)));
        Assert.Contains($"{Devices}/0000:28:00.2/driver/unbind 0000:28:00.2", _kernel.Written);
    }

    [Fact]
    public async Task Device_GoesBackToTheHost_WhenVfioDoesNotTakeIt()
    {
        _kernel.VfioTakes = false;

        var served = Assert.Single(await ServeAsync(_card));

        Assert.Equal(
            "0000:28:00.1 could not be bound to vfio-pci: the kernel did not say why; its driver is now e1000e", served.Unusable);
        Assert.Equal("(null)", _tree.Sysfs.Text($"{Devices}/0000:28:00.1/driver_override"));
        // It is tried once, and again after the entry was out of pci.devices.
        _kernel.VfioTakes = true;
        Assert.NotNull(Assert.Single(await ServeAsync(_card)).Unusable);
        await ServeAsync();
        Assert.Null(Assert.Single(await ServeAsync(_card)).Unusable);
    }

    [Theory]
    [InlineData("driver_override", "Permission denied")]
    [InlineData("unbind", "No such device")]
    [InlineData("drivers_probe", "Invalid argument")]
    public async Task Refusal_OfTheKernel_IsTold_AndTheHostKeepsTheDevice(string file, string error)
    {
        _kernel.Refusal = (file, error);

        var reason = Assert.Single(await ServeAsync(_card)).Unusable;

        Assert.StartsWith($"0000:28:00.1 could not be bound to vfio-pci: {error}; its driver is now ", reason, StringComparison.Ordinal);
        Assert.NotEqual("vfio-pci", _tree.Bus.Find(_card)!.Driver);
    }

    /// <summary>The partner then keeps its driver, and no VM can have the device that did come to vfio-pci.</summary>
    [Fact]
    public async Task Device_IsUnusable_WhenItsPartnerCouldNotBeBound()
    {
        var partner = _tree.Add("28:00.2", group: 4);
        _kernel.Refusal = ("0000:28:00.2/driver/unbind", "Device or resource busy");

        var served = await ServeAsync(_card, partner);

        Assert.Contains("shares IOMMU group 4 with 0000:28:00.2", served[0].Unusable, StringComparison.Ordinal);
        Assert.Contains("Device or resource busy", served[1].Unusable, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MissingDriver_IsNamed()
    {
        Directory.Delete(_tree.Sysfs.FullPath("bus/pci/drivers/vfio-pci"));

        Assert.EndsWith("modprobe vfio-pci", Assert.Single(await ServeAsync(_card)).Unusable, StringComparison.Ordinal);
        Assert.Empty(_kernel.Written);
    }

    [Fact]
    public async Task DeviceThatSomebodyTookBack_IsNotTakenAgain()
    {
        await ServeAsync(_card);
        _tree.Drive(_card, "e1000e");
        _kernel.Written.Clear();

        Assert.StartsWith("the driver of 0000:28:00.1 is e1000e, not vfio-pci", Assert.Single(await ServeAsync(_card)).Unusable, StringComparison.Ordinal);
        Assert.Empty(_kernel.Written);
    }

    /// <summary>As Agent check does, also while the agent runs.</summary>
    [Fact]
    public async Task Look_BindsNothing_AndSaysWhatIsWrong()
    {
        var bridge = _tree.Add("00:1c.0", group: 9, driver: "pcieport", classCode: "060400");

        var seen = await _inventory.LookAtPciDevicesAsync([_card, bridge], Token);

        Assert.Equal(["0000:00:1c.0 is a bridge (class 060400): take it out of pci.devices", null], seen.Select(device => device.Unusable));
        Assert.Empty(_kernel.Written);
    }

    [Fact]
    public async Task DeviceThatWasTakenBack_IsFound_WithTheReasonWhyItCannotBeGiven()
    {
        await ServeAsync(_card);
        Assert.Null((await _inventory.FindPciDeviceAsync(_card, Token))!.Unusable);
        _tree.Drive(_card, "e1000e");
        _kernel.Written.Clear();

        var found = await _inventory.FindPciDeviceAsync(_card, Token);

        Assert.StartsWith("the driver of 0000:28:00.1 is e1000e, not vfio-pci", found!.Unusable, StringComparison.Ordinal);
        Assert.Empty(_kernel.Written);
    }

    /// <summary>A guest that migrates is without its devices meanwhile, and a host may have thousands of mounts.</summary>
    [Fact]
    public async Task DeviceHeldForGuests_IsFound_WithoutAskingWhatTheHostLivesOn()
    {
        var partner = _tree.Add("28:00.2", group: 4);
        await ServeAsync(_card, partner);
        _usesRead = 0;
        Assert.Null((await _inventory.FindPciDeviceAsync(_card, Token))!.Unusable);
        Assert.Equal(0, _usesRead);

        _tree.Drive(partner, null);
        _uses[partner] = "eth0, which has the host's default route";
        Assert.Contains("on which the host lives", (await _inventory.FindPciDeviceAsync(_card, Token))!.Unusable, StringComparison.Ordinal);
        Assert.Equal(1, _usesRead);
    }

    [Fact]
    public async Task AbsentDevice_IsLeftOut()
    {
        Assert.Empty(await ServeAsync(PciAddress.Parse("2a:00.0")));
        Assert.Null(await _inventory.FindPciDeviceAsync(PciAddress.Parse("2a:00.0"), Token));
        Assert.Equal([_card], (await _inventory.ListPciDevicesAsync(Token)).Select(device => device.Address));
    }

    [Fact]
    public async Task Reset_IsAsked_WhenNobodyHasTheDevice()
    {
        await ServeAsync(_card);
        _kernel.Written.Clear();

        await _inventory.ResetPciDeviceAsync(_card, Token);

        Assert.Equal([$"{Devices}/0000:28:00.1/reset 1"], _kernel.Written);
    }

    [Fact]
    public async Task Reset_IsRefused_WhileADomainHasTheDevice_OrTheHostDoes()
    {
        Assert.Equal("0000:28:00.1 is not reset: its driver is e1000e, not vfio-pci", await ResetAsync());
        await ServeAsync(_card);
        _domains = [new Domain(Guid.NewGuid(), "i-2-3-VM", DomainState.Paused, HasJob: false, [_card])];
        Assert.Equal("0000:28:00.1 is not reset: i-2-3-VM has it", await ResetAsync());
        Assert.DoesNotContain(_kernel.Written, line => line.Contains("/reset", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Device_IsNotClean_UnlessItComesBack()
    {
        await ServeAsync(_card);
        var folder = _tree.FolderOf(_card);
        _kernel.Refusal = ("/reset", "Inappropriate ioctl for device");
        Assert.Equal("0000:28:00.1 could not be reset (flr, bus): Inappropriate ioctl for device", await ResetAsync());
        _kernel.Refusal = null;

        _kernel.WasReset = _ => _tree.Put($"{folder}/config", [.. Enumerable.Repeat((byte)0xff, 4096)]);
        Assert.Contains("all ff", await ResetAsync(), StringComparison.Ordinal);
        _kernel.WasReset = _ => _tree.Put($"{folder}/config", "");
        Assert.Contains("cannot be read since its reset", await ResetAsync(), StringComparison.Ordinal);
        _tree.Put($"{folder}/config", PciTree.Config(serial: 0));
        _kernel.WasReset = address => _tree.Drive(address, null);
        Assert.Equal("the driver of 0000:28:00.1 is none since its reset, not vfio-pci", await ResetAsync());
        _tree.Drive(_card, "vfio-pci");
        _kernel.WasReset = _tree.Remove;
        Assert.Equal("0000:28:00.1 is gone since its reset", await ResetAsync());
        Assert.Equal("the host sees no device at 0000:28:00.1", await ResetAsync());
    }

    [Fact]
    public async Task Device_IsNotClean_WhenTheKernelKnowsNoReset()
    {
        await ServeAsync(_card);
        File.Delete(_tree.Sysfs.FullPath($"{_tree.FolderOf(_card)}/reset"));

        Assert.Contains("the kernel knows no way to reset it alone", await ResetAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DevicesOfAnOwner_AreCleanedAtOnce()
    {
        var other = _tree.Add("29:00.0", group: 5);
        await ServeAsync(_card, other);
        using var both = new Barrier(2);
        _kernel.WasReset = address => Assert.True(
            both.SignalAndWait(Patience.Times(TimeSpan.FromSeconds(5)), Token), $"{address} was reset, and the other waited for it");
        await using var rig = await AgentRig.RegisteredAsync();

        var cleaned = await new DeviceCleaner(rig.Simulator, _inventory).CleanAsync(
            [new PciDeviceTO { Address = _card }, new PciDeviceTO { Address = other }], bootId: "", Token);

        Assert.Equal([(_card, true), (other, true)], cleaned.Select(device => (device.Address, device.Clean)));
    }

    public void Dispose() => _tree.Dispose();

    private HostUses Uses()
    {
        _usesRead++;
        return new HostUses(_uses);
    }

    private Task<IReadOnlyList<PciDeviceTO>> ServeAsync(params PciAddress[] configured) => _inventory.ServePciDevicesAsync(configured, Token);

    private async Task<string> ResetAsync() =>
        (await Assert.ThrowsAsync<HypervisorException>(() => _inventory.ResetPciDeviceAsync(_card, Token))).Message;
}
