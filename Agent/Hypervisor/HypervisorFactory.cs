using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Agent.Pci;
using PciBus.Agent.Registration;

namespace PciBus.Agent.Hypervisor;

/// <summary>The hypervisor that agent.properties names.</summary>
internal static class HypervisorFactory
{
    public static IHypervisor Make(AgentPropertiesFile file, TimeProvider timeProvider, ILoggerFactory loggerFactory)
    {
        var properties = file.Properties;
        IReadOnlyList<PciDeviceEntry> Configured() => file.Devices.Devices ?? [];
        return properties.HypervisorType == AgentProperties.KvmType
            ? new LibvirtHypervisor(
                properties, new HostMachine("/"), HostPci.OfTheMachine(Configured), timeProvider, loggerFactory.CreateLogger<LibvirtHypervisor>())
            : new SimulatedHypervisor(
                Path.Combine(properties.DataFolder, "simulator"),
                properties.Guid,
                properties.Simulator,
                Configured,
                timeProvider,
                loggerFactory.CreateLogger<SimulatedHypervisor>());
    }
}
