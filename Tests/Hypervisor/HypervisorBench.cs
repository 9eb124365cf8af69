using PciBus.Agent.Hypervisor;
using PciBus.Agent.Pci;

namespace PciBus.Tests.Hypervisor;

/// <summary>Two hosts with a hypervisor each, and what happens there without the agent.</summary>
internal abstract class HypervisorBench : IAsyncDisposable
{
    public abstract IHypervisor First { get; }

    public abstract IPciInventory FirstDevices { get; }

    public abstract IHypervisor Second { get; }

    /// <summary>Guests do not hear that they shall shut down.</summary>
    public abstract void MakeDeaf();

    /// <summary>The next migration from the first host takes seconds.</summary>
    public abstract void SlowDown(Guid domain);

    /// <summary>A domain of the first host ends by itself.</summary>
    public abstract void PowerOff(Guid domain);

    public abstract void Pause(Guid domain);

    public abstract void Resume(Guid domain);

    public abstract ValueTask DisposeAsync();
}
