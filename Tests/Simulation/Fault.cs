namespace PciBus.Tests.Simulation;

/// <summary>What goes wrong in a simulation, as it is counted.</summary>
internal enum Fault
{
    MessageDelayed,
    MessageDuplicated,
    DroppedBeforeConfirm,
    ConfirmLost,
    AnswerLost,
    StaleReport,
    AnnouncementReordered,
    RelayFrozen,
    StartFails,
    StartHangs,
    StartDisconnects,
    GuestIgnoresStop,
    DeviceNotClean,
    PoweredOffInside,
    HypervisorUnreachable,
    JournalLost,

    /// <summary>Somebody starts the domain of a running virtual machine on another host, by hand.</summary>
    DomainCopied,
    ClockSkewed,

    /// <summary>Management had it powered off.</summary>
    HostFenced,
    FencingFails,
    FencingHangs,

    /// <summary>The servers are stopped, and the database is set back to an earlier moment.</summary>
    DatabaseRestored,
}
