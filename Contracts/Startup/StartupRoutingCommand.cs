using PciBus.Contracts.PciDevices;

namespace PciBus.Contracts.Startup;

/// <summary>
/// Agent to management: "I am this host". The agent sends it until a <see cref="StartupAnswer"/> with the same nonce comes. Each copy that
/// management handles begins a new session, so a repeat is safe.
/// </summary>
public sealed record StartupRoutingCommand : Command
{
    /// <summary>Always <c>Routing</c>.</summary>
    public string Type { get; init; } = "Routing";

    /// <summary>Zone, by name.</summary>
    public string DataCenter { get; init; } = "";

    public string Pod { get; init; } = "";

    public string Cluster { get; init; } = "";

    /// <summary>The host's stable identity.</summary>
    public string Guid { get; init; } = "";

    /// <summary>Host name.</summary>
    public string Name { get; init; } = "";

    /// <summary>Version of the agent.</summary>
    public string Version { get; init; } = "";

    public string? PrivateIpAddress { get; init; }

    public int? CpuSockets { get; init; }

    /// <summary>Logical processors.</summary>
    public int Cpus { get; init; }

    /// <summary>Speed of one processor in MHz.</summary>
    public long Speed { get; init; }

    public string CpuArch { get; init; } = "x86_64";

    /// <summary>RAM in bytes.</summary>
    public long Memory { get; init; }

    /// <summary>RAM in bytes that the host keeps for itself.</summary>
    public long Dom0MinMemory { get; init; }

    /// <summary>Comma-separated, e.g. <c>hvm,snapshot</c>.</summary>
    public string? Caps { get; init; }

    public string HypervisorType { get; init; } = "KVM";

    public string? HypervisorVersion { get; init; }

    public IReadOnlyDictionary<string, string> HostDetails { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<string> HostTags { get; init; } = [];

    // -- PciBus --

    /// <summary>
    /// Identity of the machine, which outlives the installation of the host and its guid; empty when the agent does not say, as older
    /// agents do not.
    /// </summary>
    public string Machine { get; init; } = "";

    /// <summary>Made anew for each announcement; the agent takes no answer with another nonce.</summary>
    public System.Guid Nonce { get; init; }

    /// <summary>Session the agent had before, 0 for none: tells a reconnect from a start.</summary>
    public long PreviousSession { get; init; }

    /// <summary>The agent's time when it sent this.</summary>
    public DateTimeOffset SentAt { get; init; }

    /// <summary>
    /// The host's devices with a serial number that <c>pci.devices</c> does not name: after a reboot a device may be at another address.
    /// Null when they could not be listed, or the agent is an older one.
    /// </summary>
    public IReadOnlyList<PciDeviceTO>? OtherPciDevices { get; init; }

    /// <summary>What the host looks like now; its session is 0, its sequence the agent's own.</summary>
    public HostReport Report { get; init; } = new();
}

/// <summary>
/// Management to an agent: the session that its announcement began. <see cref="Answer.Result"/> false refuses the host, with
/// the reason; the agent keeps its VMs and announces itself again later.
/// </summary>
public sealed record StartupAnswer : Answer
{
    public long HostId { get; init; }

    public string HostName { get; init; } = "";

    public string HostUuid { get; init; } = "";

    /// <summary>Seconds between pings.</summary>
    public int PingInterval { get; init; }

    // -- PciBus --

    /// <summary>The nonce of the announcement.</summary>
    public Guid Nonce { get; init; }

    /// <summary>The session number that every report, command and answer from now on carries.</summary>
    public long Session { get; init; }
}
