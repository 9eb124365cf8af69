using Microsoft.Extensions.DependencyInjection;
using PciBus.Management.PciDevices;
using PciBus.Management.Setup;
using PciBus.Management.VirtualMachines;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Setup;

/// <summary>The order in which listeners of virtual machines act is an order of locks.</summary>
public sealed class StateListenersTests
{
    [Fact]
    public void Capacity_IsFirst_ThenDevices_AndNobodyIsForgotten()
    {
        Assert.Equal(
            [
                typeof(VirtualMachineCapacityManager), typeof(PciDeviceManager), typeof(SightingManager), typeof(HighAvailabilityManager),
                typeof(UnsettledAlertManager), typeof(DegradationManager), typeof(DomainStatusManager), typeof(VirtualMachineEvents),
            ],
            StateListeners.InOrder);
        Assert.Equal(
            typeof(IStateListener).Assembly.GetTypes().Where(type => type.IsClass && type.IsAssignableTo(typeof(IStateListener))).ToHashSet(),
            StateListeners.InOrder.ToHashSet());
    }

    [Fact]
    public async Task VirtualMachineManager_GetsThemInThisOrder()
    {
        using var rig = new ManagementRig();

        var order = await rig.RunAsync((IServiceProvider services) =>
            Task.FromResult(services.GetRequiredService<IReadOnlyList<IStateListener>>().Select(listener => listener.GetType()).ToList()));

        Assert.Equal(StateListeners.InOrder, order);
    }
}
