using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using PciBus.Agent.Hypervisor;
using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Agent.Pci;
using PciBus.Agent.Registration;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Setup;

/// <summary>Makes the host that an agent serves, of the kind that its agent.properties ask for.</summary>
internal static class HostSetup
{
    private static readonly KernelFolder Sysfs = new("/sys");
    private static readonly KernelFolder Proc = new("/proc");

    /// <summary>Registers hypervisor and PCI devices of the host.</summary>
    public static IServiceCollection AddHost(this IServiceCollection services, AgentPropertiesFile file)
    {
        if (file.Properties.HypervisorType == AgentProperties.Kvm)
        {
            return services
                .AddSingleton<IHypervisor>(provider => Kvm(
                    file.Properties, TimeProvider.System, provider.GetRequiredService<ILogger<LibvirtHypervisor>>()))
                .AddSingleton<IPciInventory>(provider => Devices(
                    file.Properties, provider.GetRequiredService<IHypervisor>().ListDomainsAsync, TimeProvider.System));
        }

        return services
            .AddSingleton(provider => Simulated(file, TimeProvider.System, provider.GetRequiredService<ILoggerFactory>()))
            .AddSingleton<IHypervisor>(provider => provider.GetRequiredService<SimulatedHypervisor>())
            .AddSingleton<IPciInventory>(provider => provider.GetRequiredService<SimulatedHypervisor>());
    }

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

    /// <summary>The identity of the host's machine, for commands that do not serve the host.</summary>
    /// <exception cref="IOException">The host tells none.</exception>
    public static async Task<string> FindMachineIdAsync(AgentProperties properties, CancellationToken cancellationToken)
    {
        if (properties.MachineId is { } given) return given;
        if (properties.HypervisorType == AgentProperties.Simulated) return SimulatedMachine.IdOf(properties.SimulatorFolder, Guid.NewGuid);
        return await AskAsync(properties, hypervisor => hypervisor.GetMachineIdAsync(cancellationToken), cancellationToken);
    }

    /// <summary>What its settings give to guests, and the host lacks.</summary>
    /// <exception cref="IOException">The host cannot be looked at.</exception>
    public static async Task<IReadOnlyList<string>> ListProblemsAsync(AgentProperties properties, CancellationToken cancellationToken) =>
        properties.HypervisorType == AgentProperties.Simulated
            ? []
            : await AskAsync(properties, hypervisor => hypervisor.ListProblemsAsync(cancellationToken), cancellationToken);

    /// <summary>Looks at the host's devices as they are; nothing is made and nothing is bound.</summary>
    /// <returns>The list of pci.devices with the devices that its patterns mean, and those that the host sees of them.</returns>
    /// <exception cref="IOException">The host cannot be looked at.</exception>
    public static async Task<(PciDeviceList List, IReadOnlyList<PciDeviceTO> Devices)> LookAsync(
        AgentPropertiesFile file, CancellationToken cancellationToken)
    {
        var (properties, list) = (file.Properties, file.Devices);
        if (properties.HypervisorType == AgentProperties.Simulated)
        {
            var devices = SimulatedPciBus.Look(properties.SimulatorFolder, properties.Guid, list.Devices ?? []);
            return (PciPatternExpansion.Expand(list, devices), devices);
        }

        var inventory = Devices(properties, _ => Task.FromResult<IReadOnlyList<Domain>>([]), TimeProvider.System);
        try
        {
            var expanded = PciPatternExpansion.Expand(list, await inventory.ListPciDevicesAsync(cancellationToken));
            var addresses = (expanded.Devices ?? []).Select(entry => entry.Address).ToList();
            return (expanded, await inventory.LookAtPciDevicesAsync(addresses, cancellationToken));
        }
        catch (HypervisorException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    private static async Task<T> AskAsync<T>(
        AgentProperties properties, Func<LibvirtHypervisor, Task<T>> question, CancellationToken cancellationToken)
    {
        await using var hypervisor = Kvm(properties, TimeProvider.System, NullLogger<LibvirtHypervisor>.Instance);
        try
        {
            await hypervisor.OpenAsync(cancellationToken);
            return await question(hypervisor);
        }
        catch (HypervisorException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    private static LibvirtHypervisor Kvm(
        AgentProperties properties, TimeProvider timeProvider, ILogger<LibvirtHypervisor> logger)
    {
        var libvirt = properties.Libvirt;
        var address = properties.PrivateIpAddress ?? Dns.GetHostName();
        if (IPAddress.TryParse(address, out var ip) && ip.AddressFamily == AddressFamily.InterNetworkV6) address = $"[{ip}]";
        return new LibvirtHypervisor(
            libvirt with { MigrationUri = libvirt.MigrationUri ?? $"qemu+tls://{address}/system" },
            new MachineIdentity(), new QemuProcesses(Proc, new SysfsPciBus(Sysfs)), timeProvider, logger, Sysfs);
    }

    private static SysfsPciInventory Devices(
        AgentProperties properties, Func<CancellationToken, Task<IReadOnlyList<Domain>>> domains, TimeProvider timeProvider)
    {
        IReadOnlyCollection<string> given = properties.PrivateIpAddress is { } address ? [address] : [];
        return new SysfsPciInventory(
            Sysfs, () => HostUses.Read(Sysfs, Proc, ManagementInterfaces.Find(Proc, given)), domains, timeProvider);
    }
}
