using System.Text.Json.Serialization;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Hypervisor;

/// <summary>A domain that exists on the host, as the hypervisor shows it; a domain that is off does not exist.</summary>
/// <param name="Uuid">The VM's uuid.</param>
/// <param name="Name">The VM's instance name.</param>
/// <param name="State">What the domain does.</param>
/// <param name="HasJob">The hypervisor is starting, ending or migrating it at this moment, or may begin to.</param>
/// <param name="PciDevices">Devices of the host that it holds.</param>
internal sealed record Domain(
    Guid Uuid, string Name, DomainState State, bool HasJob, IReadOnlyList<PciAddress> PciDevices)
{
    /// <summary>A migration is bringing the domain here; it is paused until it has come.</summary>
    public bool Incoming { get; init; }

    /// <summary>The guest's agent is connected, so the guest is up. Of a guest that runs no agent, false says nothing.</summary>
    public bool GuestAgent { get; init; }

    /// <summary>Where the guest sees each of <see cref="PciDevices"/>, in their order.</summary>
    public IReadOnlyList<string> GuestAddresses { get; init; } = [];

    /// <summary>Why nobody can say what becomes of it; null while the hypervisor can.</summary>
    public string? Trouble { get; init; }

    /// <inheritdoc cref="VirtualMachineTO.StartedBy"/>
    public long? StartedBy { get; init; }

    public DomainStatus Status => Incoming ? DomainStatus.Incoming : State switch
    {
        DomainState.Running => DomainStatus.Running,
        DomainState.Paused => DomainStatus.Paused,
        DomainState.Crashed => DomainStatus.Crashed,
        _ => DomainStatus.Unknown,
    };

    /// <summary>Where the guest sees a device; null when the domain does not have it, or its place is not known.</summary>
    public string? GuestAddressOf(PciAddress device)
    {
        for (var i = 0; i < Math.Min(PciDevices.Count, GuestAddresses.Count); i++)
        {
            if (PciDevices[i] == device) return GuestAddresses[i];
        }

        return null;
    }
}

/// <summary>State of a domain that exists; in every state the domain holds its devices.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DomainState>))]
internal enum DomainState
{
    Running,
    Paused,
    Crashed,
}
