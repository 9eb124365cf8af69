using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>The source's devices are given back when a migration begins, and not when it is known to have succeeded.</summary>
internal sealed class SourceFreedEarly : PlantedBug
{
    public override void Configure(IServiceCollection services) => ReplaceListeners(
        services,
        (provider, listener) => listener is PciDeviceManager ? [listener, new Listener(provider.GetRequiredService<PciBusDbContext>())] : [listener]);

    private sealed class Listener(PciBusDbContext database) : IStateListener
    {
        public async Task AfterAsync(StateTransition transition, CancellationToken cancellationToken)
        {
            if (transition.To != VirtualMachineState.Migrating) return;
            await database.Set<PciDevice>().Where(device => device.InstanceId == transition.Vm.Id && device.HostId != transition.HostId).ExecuteUpdateAsync(
                set => set.SetProperty(device => device.InstanceId, (long?)null).SetProperty(device => device.Claim, device => device.Claim + 1),
                cancellationToken);
        }
    }
}
