namespace PciBus.Management.Workflows.MigrateVirtualMachine;

internal enum MigrateStep
{
    Begin,

    /// <summary>A destination is being looked for, or the chosen one checked.</summary>
    Planning,

    /// <summary>The destination was asked whether it could come there; its devices there are claimed.</summary>
    Preparing,

    /// <summary>The source was told to detach its devices and to migrate it.</summary>
    Migrating,

    /// <summary>The source was asked what it sees, after a migration that nobody knows the end of.</summary>
    AskingSource,

    /// <summary>The destination was asked what it sees, or told to remove what was on its way there.</summary>
    AskingDestination,

    /// <summary>It runs on the destination, and the source was told to end the paused rest of it.</summary>
    EndingSource,

    /// <summary>Its end is known, and the host where it runs was told to attach its devices there.</summary>
    Attaching,
}
