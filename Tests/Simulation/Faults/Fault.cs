namespace PciBus.Tests.Simulation.Faults;

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

    /// <summary>The agent of a migration's source or destination is gone while it is under way, for longer than a command may take.</summary>
    SideOfMigrationSilent,

    /// <summary>As before, but the agent is there and its hypervisor is not.</summary>
    SideOfMigrationBlind,
    HypervisorUnreachable,
    JournalLost,

    /// <summary>Somebody starts the domain of a virtual machine on a host where it is not, by hand.</summary>
    DomainCopied,

    /// <summary>A host comes back with another guid; its domains run.</summary>
    HostReinstalled,

    /// <summary>Two hosts come back, each with the guid of the other; their domains run.</summary>
    MachinesSwapped,
    ClockSkewed,

    /// <summary>Management had it powered off.</summary>
    HostFenced,
    FencingFails,
    FencingHangs,

    /// <summary>The servers are stopped, and the database is set back to an earlier moment.</summary>
    DatabaseRestored,
}
