using System.Globalization;
using PciBus.Agent.Hypervisor;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Commands;

/// <summary>
/// Migrates a domain without devices, and watches until the hypervisor has no more to do: aborts the migration when it takes too long or is
/// cancelled, and goes on watching when the connection breaks.
/// </summary>
internal sealed class MigrationWatch(IHypervisor hypervisor, TimeSpan migrationWait, TimeProvider timeProvider)
{
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(1);

    /// <summary>How long a hypervisor may take to abort, before the agent waits for it no more.</summary>
    private static readonly TimeSpan AbortWait = TimeSpan.FromMinutes(1);

    /// <returns>How the migration ended, and if not well, why.</returns>
    public async Task<(MigrationEnd End, string? Trouble)> MigrateAsync(
        MigrateCommand command, RunningCommand running, CancellationToken cancellationToken)
    {
        var wait = command.MigrateWait > 0 ? TimeSpan.FromSeconds(command.MigrateWait) : migrationWait;
        var began = timeProvider.GetTimestamp();
        var until = wait;
        var call = CallAsync(command, running, cancellationToken);
        var abort = Task.CompletedTask;
        string? gaveUp = null;
        while (true)
        {
            var (known, domain) = await LookAsync(command.VmUuid, cancellationToken);
            var passed = timeProvider.GetElapsedTime(began);
            if (call.IsCompleted && known && domain is not { HasJob: true }) return End(await call, domain, running.GivenUp ?? gaveUp);
            if (running.GivenUp is not null || passed >= until)
            {
                if (gaveUp is null && passed < until) until = passed;
                gaveUp ??= running.GivenUp
                    ?? string.Create(CultureInfo.InvariantCulture, $"the migration did not end within {wait.TotalSeconds} s");
                if (passed >= until + AbortWait) return (MigrationEnd.Unknown, $"{gaveUp}, and the hypervisor does not stop it");
                if (abort.IsCompleted) abort = AbortAsync(command.VmUuid, cancellationToken);
            }

            await running.Wake.WaitAsync(Round, cancellationToken);
            await TellJobAsync(running, cancellationToken);
        }
    }

    private static (MigrationEnd End, string? Trouble) End(HypervisorException? error, Domain? domain, string? gaveUp)
    {
        if (error is null && domain is null) return (MigrationEnd.Gone, null);
        if (error is null) return (MigrationEnd.Here, "the migration ended, and the domain is still here");
        var trouble = gaveUp is null ? error.Message : $"{gaveUp}: {error.Message}";
        // A connection that broke says nothing, and a domain that is missing does not tell where it went.
        if (domain is null && error.OutcomeUnknown) return (MigrationEnd.Unknown, $"{trouble}; the domain is not here any more");
        return (MigrationEnd.Here, trouble);
    }

    private async Task<HypervisorException?> CallAsync(MigrateCommand command, RunningCommand running, CancellationToken cancellationToken)
    {
        try
        {
            await hypervisor.MigrateAsync(command.VmUuid, command.DestinationUri, command.AutoConvergence, cancellationToken);
            return null;
        }
        catch (HypervisorException e)
        {
            return e;
        }
        finally
        {
            running.Wake.Set();
        }
    }

    private async Task<(bool Known, Domain? Domain)> LookAsync(Guid vmUuid, CancellationToken cancellationToken)
    {
        try
        {
            return (true, await hypervisor.FindDomainAsync(vmUuid, cancellationToken));
        }
        catch (HypervisorException)
        {
            return (false, null);
        }
    }

    /// <summary>May hang as long as the hypervisor does.</summary>
    private async Task AbortAsync(Guid vmUuid, CancellationToken cancellationToken)
    {
        try
        {
            await hypervisor.AbortMigrationAsync(vmUuid, cancellationToken);
        }
        catch (Exception e) when (e is HypervisorException or OperationCanceledException)
        {
            // The look at the domain shows what became of the abort.
        }
    }

    private async Task TellJobAsync(RunningCommand running, CancellationToken cancellationToken)
    {
        try
        {
            if (await hypervisor.FindMigrationAsync(running.Command.VmUuid, cancellationToken) is { } job) running.Tell(job);
        }
        catch (HypervisorException)
        {
            // The next round reads the progress again.
        }
    }
}

/// <summary>How a migration ended, as far as its source can tell.</summary>
internal enum MigrationEnd
{
    /// <summary>The source cannot tell.</summary>
    Unknown,

    /// <summary>The hypervisor has completed it, and the domain is not here any more.</summary>
    Gone,

    /// <summary>The migration failed, and the domain is still here.</summary>
    Here,
}
