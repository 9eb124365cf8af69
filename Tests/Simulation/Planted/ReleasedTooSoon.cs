using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>Devices are given back when a stop begins, not when its host says that it is done.</summary>
internal sealed class ReleasedTooSoon : PlantedBug
{
    public override void Configure(IServiceCollection services) => ReplaceListeners(
        services, (provider, listener) => listener is PciDeviceManager ? [listener, new Listener(provider.GetRequiredService<PciBusDbContext>())] : [listener]);

    private sealed class Listener(PciBusDbContext database) : IStateListener
    {
        public async Task AfterAsync(StateTransition transition, CancellationToken cancellationToken)
        {
            if (transition.To != VirtualMachineState.Stopping) return;
            await database.Set<PciDevice>().Where(device => device.InstanceId == transition.Vm.Id).ExecuteUpdateAsync(
                set => set.SetProperty(device => device.InstanceId, (long?)null).SetProperty(device => device.Claim, device => device.Claim + 1),
                cancellationToken);
        }
    }
}
