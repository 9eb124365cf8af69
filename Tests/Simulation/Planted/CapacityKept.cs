using Microsoft.Extensions.DependencyInjection;
using PciBus.Management;
using PciBus.Management.VirtualMachines;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>A host says that it does not have a virtual machine which is elsewhere by now, and the CPU and RAM there are not given back.</summary>
internal sealed class CapacityKept : PlantedBug
{
    public override void Configure(IServiceCollection services) =>
        ReplaceListeners(services, (_, listener) => [listener is VirtualMachineCapacityManager capacity ? new Listener(capacity) : listener]);

    private sealed class Listener(VirtualMachineCapacityManager capacity) : IStateListener
    {
        public Task<Refusal?> BeforeAsync(StateTransition transition, CancellationToken cancellationToken) =>
            capacity.BeforeAsync(transition, cancellationToken);

        public Task AfterAsync(StateTransition transition, CancellationToken cancellationToken) => capacity.AfterAsync(transition, cancellationToken);
    }
}
