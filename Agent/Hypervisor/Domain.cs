using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Hypervisor;

/// <summary>A domain that exists on the host, as the hypervisor shows it; one that is off does not exist.</summary>
/// <param name="Uuid">The VM's uuid.</param>
/// <param name="Name">The VM's instance name.</param>
/// <param name="State">What the domain does.</param>
/// <param name="HasJob">The hypervisor is starting or ending it at this moment.</param>
/// <param name="PciDevices">Devices of the host that it holds.</param>
internal sealed record Domain(
    Guid Uuid, string Name, DomainState State, bool HasJob, IReadOnlyList<PciAddress> PciDevices);
