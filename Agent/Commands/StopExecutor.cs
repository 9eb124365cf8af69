using System.Globalization;
using PciBus.Agent.Hypervisor;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Commands;

/// <summary>Ends a domain, with or without asking its guest, and cleans the devices that the domain held.</summary>
internal sealed class StopExecutor(
    IHypervisor hypervisor, VirtualMachineObserver observer, DeviceCleaner cleaner, TimeSpan stopWait, TimeProvider timeProvider)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    public async Task<CommandOutcome> ExecuteAsync(StopCommand command, RunningCommand running, CancellationToken cancellationToken)
    {
        var seen = await observer.LookAsync(command.VmUuid, cancellationToken);
        if (seen.Domain is not null)
        {
            if (command.CheckBeforeCleanup) return CommandOutcome.Failed($"domain {seen.Domain.Name} is still running");
            if (seen.Domain.State != DomainState.Running && !command.ForceStop)
            {
                return CommandOutcome.Failed(CannotShutDown(seen.Domain));
            }

            string? disobedience = null;
            if (command.ForceStop) await EndAsync(hypervisor.DestroyAsync, command.VmUuid, cancellationToken);
            else disobedience = await ShutDownAsync(command, running, cancellationToken);
            seen = await observer.LookAsync(command.VmUuid, cancellationToken);
            // A guest that ends just after the wait has obeyed: its devices are cleaned like any other's.
            if (disobedience is not null && seen.Observed != Observation.Off) return CommandOutcome.Failed(disobedience);
        }

        if (seen.Observed != Observation.Off) return CommandOutcome.Failed(seen.Trouble ?? "the domain still exists");
        return CommandOutcome.Done() with
        {
            Cleaned = await cleaner.CleanAsync(command.PciDevices, command.BootId, cancellationToken),
        };
    }

    private static string CannotShutDown(Domain domain) => $"domain {domain.Name} is {domain.State}: its guest cannot shut down";

    private async Task EndAsync(Func<Guid, CancellationToken, Task> end, Guid vmUuid, CancellationToken cancellationToken)
    {
        try
        {
            await end(vmUuid, cancellationToken);
        }
        catch (HypervisorException) when (!cancellationToken.IsCancellationRequested)
        {
            // The domain may have ended by itself in this moment, which is what was asked for.
            if (await hypervisor.FindDomainAsync(vmUuid, cancellationToken) is not null) throw;
        }
    }

    /// <summary>Null when the guest obeyed, otherwise a text that says that it did not.</summary>
    private async Task<string?> ShutDownAsync(StopCommand command, RunningCommand running, CancellationToken cancellationToken)
    {
        var wait = command.Wait > 0 ? TimeSpan.FromSeconds(command.Wait) : stopWait;
        var began = timeProvider.GetTimestamp();
        await EndAsync(hypervisor.ShutdownAsync, command.VmUuid, cancellationToken);
        while (await hypervisor.FindDomainAsync(command.VmUuid, cancellationToken) is { } domain)
        {
            if (running.GivenUp is { } why) return why;
            if (domain.State != DomainState.Running) return CannotShutDown(domain);
            if (timeProvider.GetElapsedTime(began) >= wait)
            {
                return string.Create(CultureInfo.InvariantCulture, $"the guest did not shut down within {wait.TotalSeconds} s");
            }

            await running.Wake.WaitAsync(Pause, cancellationToken);
        }

        return null;
    }
}
