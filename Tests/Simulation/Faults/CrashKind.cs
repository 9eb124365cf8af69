namespace PciBus.Tests.Simulation.Faults;

/// <summary>Who dies, and where.</summary>
internal enum CrashKind
{
    /// <summary>Management, between two steps.</summary>
    Management,
    ManagementBeforeCommit,

    /// <summary>Committed, and not known to be.</summary>
    ManagementAfterCommit,
    ManagementBeforeSend,

    /// <summary>Sent, and not deleted from the outbox.</summary>
    ManagementAfterSend,
    Agent,

    /// <summary>Its domains are gone, and its boot id is another.</summary>
    HostReboot,

    /// <summary>As a reboot that takes long: an operator sees that it is off, and says so, or it is fenced.</summary>
    HostDeath,
}
