namespace PciBus.Contracts.VirtualMachines;

/// <summary>
/// Management to the agent of the source: give up the migration of this VM. Does not wait behind the VM's other commands. It
/// has a number of its own, so a <see cref="MigrateCommand"/> that has not begun will be refused. Safe to repeat.
/// </summary>
public sealed record CancelMigrationCommand : VirtualMachineCommand;

/// <summary>
/// Answer to <see cref="CancelMigrationCommand"/>. Result true: the migration is being given up, or none is under way; the migration's own
/// answer says what became of it. Result false: the switch-over has begun or the hypervisor does not let itself be stopped.
/// </summary>
public sealed record CancelMigrationAnswer : VirtualMachineAnswer;
