using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PciBus.Management;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>A claim that was refused because others were faster keeps what it could get.</summary>
internal sealed class HalfOfAClaimKept : PlantedBug
{
    public override void Configure(IServiceCollection services)
    {
        services.Remove(services.Single(service => service.ServiceType == typeof(IStateListener) && service.ImplementationFactory is not null));
        services.AddScoped<IStateListener, Listener>();
    }

    private sealed class Listener(PciDeviceManager devices, PciBusDbContext database) : IStateListener
    {
        public async Task<Refusal?> BeforeAsync(StateTransition transition, CancellationToken cancellationToken)
        {
            if (await devices.BeforeAsync(transition, cancellationToken) is not { LostRace: true } refusal) return null;
            var some = await database.Set<PciDevice>()
                .Where(device => device.HostId == refusal.HostId && device.InstanceId == null && device.SeenIn == null)
                .OrderBy(device => device.Id).Select(device => device.Id).Take(1).ToListAsync(cancellationToken);
            await database.Set<PciDevice>().Where(device => some.Contains(device.Id)).ExecuteUpdateAsync(
                set => set.SetProperty(device => device.InstanceId, transition.Vm.Id)
                    .SetProperty(device => device.Claim, device => device.Claim + 1)
                    .SetProperty(device => device.ClaimedName, device => device.Name),
                cancellationToken);
            return null;
        }

        public Task AfterAsync(StateTransition transition, CancellationToken cancellationToken) =>
            devices.AfterAsync(transition, cancellationToken);

        public Task OffAsync(VirtualMachine vm, OffEvidence evidence, TransitionReason reason, CancellationToken cancellationToken) =>
            devices.OffAsync(vm, evidence, reason, cancellationToken);
    }
}
