using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Agent.Registration;

namespace PciBus.Agent.Setup;

/// <summary>Makes the host that an agent serves, of the kind that its agent.properties ask for.</summary>
internal static class HostSetup
{
    /// <summary>A simulated host, which is hypervisor and PCI devices in one. It follows <c>pci.devices</c>.</summary>
    /// <param name="file">The agent's settings.</param>
    /// <param name="timeProvider">The host's clock.</param>
    /// <param name="loggerFactory">Makes the logger of what happens to the host from outside.</param>
    /// <param name="newGuid">Makes the machine's identity; default: a random one.</param>
    public static SimulatedHypervisor Simulated(
        AgentPropertiesFile file, TimeProvider timeProvider, ILoggerFactory loggerFactory, Func<Guid>? newGuid = null) => new(
            file.Properties.SimulatorFolder,
            file.Properties.Guid,
            file.Properties.Simulator,
            () => file.Devices.Devices ?? [],
            newGuid ?? Guid.NewGuid,
            timeProvider,
            loggerFactory.CreateLogger<SimulatedHypervisor>());
}
