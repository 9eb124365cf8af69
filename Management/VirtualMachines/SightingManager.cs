using Microsoft.EntityFrameworkCore;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Persistence;
using PciBus.Management.Reconciliation;

namespace PciBus.Management.VirtualMachines;

/// <summary>
/// Keeps which virtual machines hosts were seen to run and should not. As a listener of the life cycle it holds every other copy back:
/// while a host has been seen to run a virtual machine, and has not said that it is off there, the virtual machine is started nowhere.
/// </summary>
internal sealed class SightingManager(
    PciBusDbContext database, HostReportManager reports, AlertManager alerts, Activation activation, TimeProvider time) : IStateListener
{
    private const int NamedHosts = 10;

    private static readonly CompiledList<long, Sighting> OfHost = new((database, hostId) =>
        database.Set<Sighting>().Where(sighting => sighting.HostId == hostId));

    private static readonly CompiledList<long, string> HostsOfVm = new((database, vmId) =>
        database.Set<Sighting>()
            .Where(sighting => sighting.VmId == vmId)
            .Join(database.Set<Host>(), sighting => sighting.HostId, host => host.Id, (sighting, host) => host.Name)
            .OrderBy(name => name)
            .Take(NamedHosts));

    public async Task<Refusal?> BeforeAsync(StateTransition transition, CancellationToken cancellationToken)
    {
        if (transition.To is not (VirtualMachineState.Starting or VirtualMachineState.Migrating)) return null;
        var hosts = await HostsOfVm.ReadAsync(database, transition.Vm.Id, cancellationToken);
        if (hosts.Count == 0) return null;
        var what = transition.To == VirtualMachineState.Migrating ? "is not migrated" : "is started nowhere";
        return new Refusal(
            RefusalCause.OperationFailed,
            $"{transition.Vm.Name} was seen to run on {string.Join(", ", hosts)}: it {what} until that host says that it is off");
    }

    public async Task AfterAsync(StateTransition transition, CancellationToken cancellationToken)
    {
        foreach (var evidence in transition.Reason.Evidence) await OffAsync(transition.Vm, evidence, transition.Reason, cancellationToken);
        // From now on the records have the virtual machine there.
        if (transition is { To: VirtualMachineState.Running, HostId: { } hostId })
        {
            await EndAsync(transition.Vm.Id, hostId, long.MaxValue, long.MaxValue, cancellationToken);
        }
    }

    public async Task OffAsync(VirtualMachine vm, OffEvidence evidence, TransitionReason reason, CancellationToken cancellationToken)
    {
        // A command that was never delivered or begun says nothing about a domain that was seen.
        if (evidence.Session > 0) await EndAsync(vm.Id, evidence.HostId, evidence.Session, evidence.Sequence, cancellationToken);
    }

    /// <summary>Notes what a report shows, in the transaction that stores it.</summary>
    /// <param name="host">The host that reports.</param>
    /// <param name="seen">Virtual machines that run there and that the records have elsewhere, or off.</param>
    /// <param name="sequence">Of the report, in the host's current session.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>All virtual machines that the host was seen to run and has not said to be off.</returns>
    public async Task<IReadOnlyList<Sighting>> SeeAsync(
        Host host, IReadOnlyCollection<VirtualMachine> seen, long sequence, CancellationToken cancellationToken)
    {
        var known = await OfHost.ReadAsync(database, host.Id, cancellationToken);
        foreach (var vm in seen)
        {
            if (!Note(known, vm.Id, host, host.Session, sequence)) continue;
            // A transaction that decides about the virtual machine at this moment decides again, and finds the sighting.
            await database.Set<VirtualMachine>().Where(row => row.Id == vm.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.UpdateCount, row => row.UpdateCount + 1), cancellationToken);
        }

        if (known.Count > 0) await AlertAsync(host, known, cancellationToken);
        return known;
    }

    /// <summary>Notes what an answer shows of a virtual machine that is changed in this transaction.</summary>
    public async Task SeeAsync(VirtualMachine vm, long hostId, long session, long sequence, CancellationToken cancellationToken)
    {
        var host = await database.RowAsync<Host>(hostId, cancellationToken);
        var known = await OfHost.ReadAsync(database, hostId, cancellationToken);
        Note(known, vm.Id, host, session, sequence);
        await reports.LookAnewAsync(hostId, cancellationToken);
        await AlertAsync(host, known, cancellationToken);
    }

    /// <summary>Ends all sightings on a host: it was declared down, or deleted.</summary>
    public async Task EndAllAsync(Host host, CancellationToken cancellationToken)
    {
        var ended = await database.Set<Sighting>().Where(sighting => sighting.HostId == host.Id).ExecuteDeleteAsync(cancellationToken);
        if (ended > 0) activation.Wake(HighAvailabilityManager.RestartJob);
        await AlertAsync(host, [], cancellationToken);
    }

    /// <returns>Whether the sighting is new.</returns>
    private bool Note(List<Sighting> known, long vmId, Host host, long session, long sequence)
    {
        var sighting = known.Find(one => one.VmId == vmId);
        var isNew = sighting is null;
        if (sighting is null)
        {
            sighting = new Sighting { VmId = vmId, HostId = host.Id, Created = time.GetUtcNow() };
            database.Add(sighting);
            known.Add(sighting);
        }

        (sighting.Session, sighting.Sequence) = (session, sequence);
        return isNew;
    }

    private async Task EndAsync(long vmId, long hostId, long session, long sequence, CancellationToken cancellationToken)
    {
        var known = await OfHost.ReadAsync(database, hostId, cancellationToken);
        var ended = known.FirstOrDefault(one => one.VmId == vmId && (one.Session, one.Sequence).CompareTo((session, sequence)) < 0);
        if (ended is null) return;
        database.Remove(ended);
        known.Remove(ended);
        activation.Wake(HighAvailabilityManager.RestartJob);
        await AlertAsync(await database.RowAsync<Host>(hostId, cancellationToken), known, cancellationToken);
    }

    private async Task AlertAsync(Host host, IReadOnlyCollection<Sighting> standing, CancellationToken cancellationToken)
    {
        var ids = standing.Select(sighting => sighting.VmId).ToList();
        var names = ids.Count == 0
            ? []
            : await database.Set<VirtualMachine>().Where(vm => ids.Contains(vm.Id))
                .OrderBy(vm => vm.Id).Select(vm => vm.Name).ToListAsync(cancellationToken);
        await alerts.SyncAsync(
            AlertType.VirtualMachineSighted,
            host.Id,
            [.. names.Select(name => (
                $"{name} was seen to run on {host.Name}, and should not be there",
                "It is started nowhere until the host says that it is off."))],
            cancellationToken);
    }
}
