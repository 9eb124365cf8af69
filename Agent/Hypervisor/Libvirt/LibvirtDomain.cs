namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>A domain as libvirt shows it.</summary>
/// <param name="Uuid">Its uuid.</param>
/// <param name="Name">Its name.</param>
/// <param name="State">What it does.</param>
/// <param name="Reason">Why, as libvirt numbers it for each state (virDomain...Reason).</param>
/// <param name="Xml">Its live definition; the persistent one when it does not run.</param>
internal sealed record LibvirtDomain(Guid Uuid, string Name, LibvirtDomainState State, int Reason, string Xml)
{
    /// <summary>VIR_DOMAIN_PAUSED_STARTING_UP.</summary>
    private const int StartingUp = 11;

    /// <summary>The job that it was in, in this state; null for none.</summary>
    public LibvirtJob? Job { get; init; }

    /// <summary>It is being started, ended or migrated.</summary>
    public bool IsChanging =>
        Job is { IsActive: true }
        || State == LibvirtDomainState.Shutdown
        || (State == LibvirtDomainState.Paused && Reason == StartingUp);
}
