using PciBus.Contracts.VirtualMachines;

namespace PciBus.Contracts.Startup;

/// <summary>
/// Agent to management, every <see cref="StartupAnswer.PingInterval"/> seconds and after each change: the host lives, and
/// looks like this.
/// </summary>
public sealed record PingRoutingCommand : Command
{
    /// <summary>The host's guid.</summary>
    public string HostGuid { get; init; } = "";

    /// <summary>Sent because something changed, not because it was time.</summary>
    public bool OutOfBand { get; init; }

    // -- PciBus --

    public DateTimeOffset SentAt { get; init; }

    public HostReport Report { get; init; } = new();

    /// <summary>
    /// Commands that go on for a while, e.g. migrations. Not part of the report: progress does not say what the host looks like, and does
    /// not change the report's revision.
    /// </summary>
    public IReadOnlyList<CommandProgress> Progress { get; init; } = [];
}

/// <summary>Management to an agent, only when there is something to say.</summary>
public sealed record PingAnswer : Answer
{
    /// <summary>Management does not know this session: announce yourself again.</summary>
    public bool SendStartup { get; init; }

    // -- PciBus --

    /// <summary>The session that management does not know; an agent in another session ignores the answer.</summary>
    public long Session { get; init; }
}
