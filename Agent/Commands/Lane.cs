using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Commands;

/// <summary>The commands of one VM, in order. Guarded by <see cref="CommandLanes"/>.</summary>
internal sealed class Lane(Guid vmUuid)
{
    public Guid VmUuid => vmUuid;

    /// <summary>The first is the next to be carried out.</summary>
    public List<VirtualMachineCommand> Waiting { get; } = [];

    /// <summary>The command that is being carried out; null between two commands.</summary>
    public RunningCommand? Executing { get; set; }

    /// <summary>Works the lane off; done when the lane is empty.</summary>
    public Task Work { get; set; } = Task.CompletedTask;
}
