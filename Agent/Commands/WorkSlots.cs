using PciBus.Agent.Registration;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Commands;

/// <summary>How many commands are carried out at once. Waits for a guest or for a link do not take the slots of the workers.</summary>
internal sealed class WorkSlots(AgentProperties properties)
{
    private readonly (SemaphoreSlim Workers, SemaphoreSlim GracefulStops, SemaphoreSlim Migrations) _slots =
        (new(properties.Workers), new(properties.GracefulStops), new(properties.Migrations));

    public SemaphoreSlim Of(VirtualMachineCommand command) => command switch
    {
        StopCommand { ForceStop: false, CheckBeforeCleanup: false } => _slots.GracefulStops,
        MigrateCommand => _slots.Migrations,
        _ => _slots.Workers,
    };
}
