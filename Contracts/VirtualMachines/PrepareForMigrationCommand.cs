namespace PciBus.Contracts.VirtualMachines;

/// <summary>
/// Management to the agent of the destination, before <see cref="MigrateCommand"/>: could the VM come here, and are the
/// devices claimed for it here good? Changes no domain. Safe to repeat.
/// </summary>
public sealed record PrepareForMigrationCommand : VirtualMachineCommand
{
    /// <summary>The VM as it shall be here, with the devices that it owns on this host.</summary>
    public VirtualMachineTO Vm { get; init; } = new();

    /// <summary>
    /// Undo instead: remove an incoming domain of the VM. A domain that is not incoming is not touched. Off is evidence only when the
    /// source is known to carry out no migration of the VM any more: this host cannot know of a migration that has yet to begin.
    /// </summary>
    public bool Rollback { get; init; }

    // -- PciBus --

    /// <summary>The boot for which the addresses of the devices hold; another boot answers "not begun".</summary>
    public string BootId { get; init; } = "";
}

/// <summary>
/// Answer to <see cref="PrepareForMigrationCommand"/>. <see cref="VirtualMachineAnswer.Cleaned"/> says of each device whether it could be
/// reset and answers; a device that is not clean makes the result false.
/// </summary>
public sealed record PrepareForMigrationAnswer : VirtualMachineAnswer
{
    // -- PciBus --

    /// <summary>Where this host takes migrations, for <see cref="MigrateCommand.DestinationUri"/>; null when it takes none.</summary>
    public string? MigrationUri { get; init; }
}
