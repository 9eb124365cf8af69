using PciBus.Agent.Hypervisor;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Commands;

/// <summary>Carries out one command that the fence let through, with the journal around it. Every failure is an outcome.</summary>
internal sealed partial class CommandExecutor(
    StartExecutor start,
    StopExecutor stop,
    RebootExecutor reboot,
    PrepareForMigrationExecutor prepare,
    MigrateExecutor migrate,
    AttachPciDevicesExecutor attach,
    DetachPciDevicesExecutor detach,
    CommandJournal journal,
    ILogger<CommandExecutor> logger)
{
    public async Task<CommandOutcome> ExecuteAsync(RunningCommand running, CancellationToken cancellationToken)
    {
        var command = running.Command;
        try
        {
            journal.Begin(command);
        }
        catch (IOException e)
        {
            return CommandOutcome.Refused($"not begun: the journal cannot be written: {e.Message}");
        }

        var (outcome, interrupted) = await TryAsync(running, cancellationToken);
        try
        {
            journal.Finish(command.VmUuid, outcome, interrupted);
        }
        catch (IOException e)
        {
            // After a crash the command counts as interrupted, which is the safe side.
            LogNotKept(command.CommandId, command.VmUuid, e);
        }

        LogDone(command.CommandId, command.GetType().Name, command.VmUuid, outcome.Result, outcome.Details);
        return outcome;
    }

    private async Task<(CommandOutcome Outcome, bool Interrupted)> TryAsync(
        RunningCommand running, CancellationToken cancellationToken)
    {
        var command = running.Command;
        try
        {
            var outcome = command switch
            {
                StartCommand startCommand => await start.ExecuteAsync(startCommand, cancellationToken),
                StopCommand stopCommand => await stop.ExecuteAsync(stopCommand, running, cancellationToken),
                RebootCommand rebootCommand => await reboot.ExecuteAsync(rebootCommand, cancellationToken),
                PrepareForMigrationCommand prepareCommand => await prepare.ExecuteAsync(prepareCommand, cancellationToken),
                MigrateCommand migrateCommand => await migrate.ExecuteAsync(migrateCommand, running, cancellationToken),
                AttachPciDevicesCommand attachCommand => await attach.ExecuteAsync(attachCommand, running, cancellationToken),
                DetachPciDevicesCommand detachCommand => await detach.ExecuteAsync(detachCommand, running, cancellationToken),
                _ => CommandOutcome.Refused($"not begun: this agent does not know {command.GetType().Name}"),
            };
            return (outcome, outcome.OutcomeUnknown);
        }
        catch (HypervisorException e)
        {
            return (CommandOutcome.Failed(e.Message), e.OutcomeUnknown);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogFailed(command.CommandId, command.VmUuid, e);
            return (CommandOutcome.Failed($"the agent failed: {e.Message}"), true);
        }
    }

    [LoggerMessage(2101, LogLevel.Information, "{CommandId}: {Command} for VM {VmUuid}: {Result} {Details}")]
    private partial void LogDone(Guid commandId, string command, Guid vmUuid, bool result, string? details);

    [LoggerMessage(2103, LogLevel.Error, "{CommandId}: the journal does not take what came of the command for VM {VmUuid}")]
    private partial void LogNotKept(Guid commandId, Guid vmUuid, Exception exception);

    [LoggerMessage(2102, LogLevel.Error, "{CommandId}: command for VM {VmUuid} failed unexpectedly")]
    private partial void LogFailed(Guid commandId, Guid vmUuid, Exception exception);
}
