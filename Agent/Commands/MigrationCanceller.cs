using PciBus.Agent.Hypervisor;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Commands;

/// <summary>Gives up a migration, also a migration that an earlier run of the agent has begun.</summary>
internal sealed class MigrationCanceller(IHypervisor hypervisor, TimeProvider timeProvider)
{
    /// <summary>Asking a hypervisor that hangs to abort hangs too.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Until the switch-over a migration can be given up: the VM stays here, as the MigrateCommand's answer says.</summary>
    /// <param name="vmUuid">The VM.</param>
    /// <param name="running">The command that is being carried out for it; null for none.</param>
    /// <param name="cancellationToken">Gives up waiting for the hypervisor.</param>
    public async Task<CommandOutcome> CancelAsync(Guid vmUuid, RunningCommand? running, CancellationToken cancellationToken)
    {
        try
        {
            if (running is { Command: MigrateCommand })
            {
                switch (running.GiveUp("the migration was cancelled"))
                {
                    case CommandStep.Checking or CommandStep.Detaching or CommandStep.Reattaching:
                        return CommandOutcome.Done();
                    case CommandStep.Cleaning:
                        return CommandOutcome.Failed("it is too late: the VM has left this host");
                }
            }
            else if (await hypervisor.FindMigrationAsync(vmUuid, cancellationToken) is null)
            {
                return CommandOutcome.Done() with { Details = "no migration is under way" };
            }

            return await AbortAsync(vmUuid, cancellationToken);
        }
        catch (HypervisorException e)
        {
            return CommandOutcome.Failed(e.Message);
        }
    }

    private async Task<CommandOutcome> AbortAsync(Guid vmUuid, CancellationToken cancellationToken)
    {
        var answered = new WakeUp(timeProvider);
        var abort = CallAsync();
        return await answered.WaitAsync(Patience, cancellationToken)
            ? await abort
            : CommandOutcome.Failed("the hypervisor does not answer; the migration is aborted as soon as it does");

        async Task<CommandOutcome> CallAsync()
        {
            try
            {
                await hypervisor.AbortMigrationAsync(vmUuid, cancellationToken);
                return CommandOutcome.Done();
            }
            catch (HypervisorException e)
            {
                // The migration failed by itself, or has yet to begin and is aborted then. A domain that is not Running was switched over.
                return await IsRunningAsync(vmUuid, cancellationToken)
                    ? CommandOutcome.Done()
                    : CommandOutcome.Failed($"it cannot be stopped any more: {e.Message}");
            }
            catch (OperationCanceledException)
            {
                return CommandOutcome.Failed("the agent ends");
            }
            finally
            {
                answered.Set();
            }
        }
    }

    private async Task<bool> IsRunningAsync(Guid vmUuid, CancellationToken cancellationToken)
    {
        try
        {
            return await hypervisor.FindDomainAsync(vmUuid, cancellationToken) is { State: DomainState.Running };
        }
        catch (HypervisorException)
        {
            return false;
        }
    }
}
