using PciBus.Agent.Hypervisor;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Commands;

/// <summary>
/// Looks at the hypervisor and judges what that means for a VM. A VM whose command was interrupted is Unknown, never Off, until the
/// hypervisor has shown neither a job nor a domain of the VM for the settle time.
/// </summary>
internal sealed class VirtualMachineObserver(
    IHypervisor hypervisor, CommandJournal journal, TimeSpan settleTime, TimeProvider timeProvider)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, long> _absentSince = [];

    /// <summary>Raised when the state of a VM whose command was interrupted is known again.</summary>
    public event Action? Settled;

    /// <summary>Looks once. A failure of the hypervisor is no exception here.</summary>
    public async Task<Sighting> LookAsync(Guid vmUuid, CancellationToken cancellationToken)
    {
        Domain? domain;
        try
        {
            domain = await hypervisor.FindDomainAsync(vmUuid, cancellationToken);
        }
        catch (HypervisorException e)
        {
            return new Sighting(Observation.Unknown, null, e.Message);
        }

        var interrupted = journal.Find(vmUuid)?.Interrupted ?? false;
        if (domain is { HasJob: true })
        {
            lock (_gate) _absentSince.Remove(vmUuid);
            return new Sighting(Observation.UnderWay, domain, domain.Trouble);
        }

        if (domain is not null)
        {
            if (interrupted) Settle(vmUuid);
            return new Sighting(Observation.Running, domain, null);
        }

        return interrupted && !AbsentLongEnough(vmUuid)
            ? new Sighting(Observation.Unknown, null, "an earlier command was interrupted and may still be under way in the hypervisor")
            : new Sighting(Observation.Off, null, null);
    }

    /// <summary>Watches VMs whose command was interrupted until their state is known again; runs until cancelled.</summary>
    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            foreach (var entry in journal.Interrupted) await LookAsync(entry.VmUuid, cancellationToken);
            await Task.Delay(Pause, timeProvider, cancellationToken);
        }
    }

    private bool AbsentLongEnough(Guid vmUuid)
    {
        lock (_gate)
        {
            _absentSince.TryAdd(vmUuid, timeProvider.GetTimestamp());
            if (timeProvider.GetElapsedTime(_absentSince[vmUuid]) < settleTime) return false;
        }

        Settle(vmUuid);
        return true;
    }

    private void Settle(Guid vmUuid)
    {
        lock (_gate) _absentSince.Remove(vmUuid);
        journal.Settle(vmUuid);
        Settled?.Invoke();
    }
}
