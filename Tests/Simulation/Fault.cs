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

    /// <summary>Guests do not let go of devices, or late, or say nothing of it.</summary>
    GuestKeepsDevices,
    AttachFails,
    AttachDisconnects,
    DeviceEjected,
    MigrationFails,
    HypervisorUnreachable,
    JournalLost,
    ClockSkewed,

    /// <summary>Management had it powered off.</summary>
    HostFenced,
    FencingFails,
    FencingHangs,

    /// <summary>The servers are stopped, and the database is set back to an earlier moment.</summary>
    DatabaseRestored,
}
