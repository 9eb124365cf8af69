using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PciBus.Management;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.VirtualMachines;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>A claim that was refused because others were faster keeps what it could get.</summary>
internal sealed class HalfOfAClaimKept : PlantedBug
{
    public override void Configure(IServiceCollection services) => ReplaceListeners(
        services,
        (provider, listener) => [listener is PciDeviceManager devices ? new Listener(devices, provider.GetRequiredService<PciBusDbContext>()) : listener]);

    private sealed class Listener(PciDeviceManager devices, PciBusDbContext database) : IStateListener
    {
        public async Task<Refusal?> BeforeAsync(StateTransition transition, CancellationToken cancellationToken)
        {
            var refusal = await devices.BeforeAsync(transition, cancellationToken);
            if (refusal is not { LostRace: true }) return refusal;
            var asked = await database.Set<ServiceOffering>().Where(offering => offering.Id == transition.Vm.ServiceOfferingId)
                .Select(offering => offering.PciDevices).SingleAsync(cancellationToken);
            var names = asked.Split(',');
            var left = await database.Set<PciDevice>().AsNoTracking()
                .Where(device => device.HostId == refusal.HostId && device.InstanceId == null && device.SeenIn == null)
                .Where(device => names.Contains(device.Name)).OrderBy(device => device.Id).FirstOrDefaultAsync(cancellationToken);
            if (left is null) return refusal;
            await database.Set<PciDevice>().Where(device => device.Id == left.Id).ExecuteUpdateAsync(
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
