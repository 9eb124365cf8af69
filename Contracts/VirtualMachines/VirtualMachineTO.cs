using PciBus.Contracts.PciDevices;

namespace PciBus.Contracts.VirtualMachines;

/// <summary>A virtual machine as an agent needs it to make the domain.</summary>
public sealed record VirtualMachineTO
{
    public long Id { get; init; }

    /// <summary>Instance name, <c>i-ACCOUNT-ID-VM</c>: the name of the domain.</summary>
    public string Name { get; init; } = "";

    public Guid Uuid { get; init; }

    /// <summary>Virtual processors.</summary>
    public int Cpus { get; init; }

    /// <summary>Speed of one virtual processor in MHz.</summary>
    public int Speed { get; init; }

    /// <summary>RAM in bytes, lower bound; equal to <see cref="MaxRam"/>: RAM is never over-committed.</summary>
    public long MinRam { get; init; }

    /// <summary>RAM in bytes.</summary>
    public long MaxRam { get; init; }

    /// <summary>Host name of the guest.</summary>
    public string? HostName { get; init; }

    /// <summary>Template the root disk is made of, by url.</summary>
    public string? Template { get; init; }

    // -- PciBus --

    /// <summary>The devices the VM owns on this host.</summary>
    public IReadOnlyList<PciDeviceTO> PciDevices { get; init; } = [];

    /// <summary>
    /// The VM has never run, so that its disk may be made. False when it has run, and when nobody says: then its disk must be there.
    /// </summary>
    public bool NeverRan { get; init; }

    /// <summary>Number of the StartCommand that makes the domain, which the domain keeps; null when it is to keep none.</summary>
    public long? StartedBy { get; init; }
}
