using System.Collections.Concurrent;
using PciBus.Agent.Hypervisor;
using PciBus.Contracts.PciDevices;
using Xunit;

namespace PciBus.Tests.Hypervisor;

/// <summary>Devices that come and go while a domain runs, and a guest that does not hear of it.</summary>
public abstract partial class HypervisorContractTests
{
    private PciDeviceTO First => _bench.Device(1);

    private PciDeviceTO Other => _bench.Device(2);

    [Fact]
    public async Task GuestThatHearsNothing_DoesNotReboot()
    {
        _bench.MakeDeaf();
        await _bench.First.StartAsync(_vm, Token);
        await _bench.AttachAsync(_vm.Uuid, First, Token);
        await _bench.DetachAsync(_vm.Uuid, First, Token);
        await _bench.First.RebootAsync(_vm.Uuid, Token);

        Assert.True(await _bench.HasAsync(_vm.Uuid, First));
    }

    [Fact]
    public async Task AttachedDevice_IsThere_AndDoesNotComeTwice()
    {
        await _bench.First.StartAsync(_vm, Token);
        await _bench.AttachAsync(_vm.Uuid, First, Token);
        Assert.True(await _bench.HasAsync(_vm.Uuid, First));

        // What libvirt says depends on the kind of the device.
        var refusal = await Assert.ThrowsAsync<HypervisorException>(() => _bench.AttachAsync(_vm.Uuid, First, Token));
        Assert.False(refusal.OutcomeUnknown);
        Assert.True(await _bench.HasAsync(_vm.Uuid, First));
        Assert.False(await _bench.HasAsync(_vm.Uuid, Other));
    }

    [Fact]
    public async Task GuestThatLetsGoOfNothing_IsWaitedForShortly_AndAResetTakesTheDevices()
    {
        var told = new ConcurrentQueue<DeviceEvent>();
        _bench.First.DeviceChanged += told.Enqueue;
        await _bench.First.StartAsync(_vm, Token);
        await _bench.AttachAsync(_vm.Uuid, First, Token);
        await _bench.AttachAsync(_vm.Uuid, Other, Token);
        var began = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(_bench.DetachAsync(_vm.Uuid, First, Token), _bench.DetachAsync(_vm.Uuid, Other, Token));

        // Both at once, and not one after the other.
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 4.9, 9.5);
        await _bench.DetachAsync(_vm.Uuid, First, Token);
        Assert.True(await _bench.HasAsync(_vm.Uuid, First) && await _bench.HasAsync(_vm.Uuid, Other));
        Assert.Empty(told);
        await _bench.ResetAsync(_vm.Uuid);
        await UntilAsync(() => Task.FromResult(told.Count == 2));
        Assert.Equivalent(new[] { Removed(First), Removed(Other) }, told, strict: true);
        Assert.False(await _bench.HasAsync(_vm.Uuid, First) || await _bench.HasAsync(_vm.Uuid, Other));
        await _bench.AttachAsync(_vm.Uuid, First, Token);
    }

    [Fact]
    public async Task Device_NeedsAFreePort()
    {
        await _bench.First.StartAsync(_vm, Token);
        for (var number = 1; number <= 4; number++) await _bench.AttachAsync(_vm.Uuid, _bench.Device(number), Token);

        await RefusedAsync(
            1, 20, "internal error: No more available PCI slots", () => _bench.AttachAsync(_vm.Uuid, _bench.Device(5), Token));
    }

    private DeviceEvent Removed(PciDeviceTO device) => new(_vm.Uuid, device.Address, Removed: true);
}
