using Microsoft.EntityFrameworkCore;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Hosts.Maintenance;
using PciBus.Management.Persistence;
using PciBus.Management.Reconciliation;

namespace PciBus.Management.VirtualMachines;

/// <summary>
/// Creates virtual machines and moves them through their life cycle. Their rows are compare-and-swap: a write on top of
/// somebody else's ends in <see cref="DbUpdateConcurrencyException"/> when the transaction is saved.
/// </summary>
internal sealed class VirtualMachineManager(
    PciBusDbContext database, IReadOnlyList<IStateListener> listeners, HostReportManager reports, Activation activation, TimeProvider time)
{
    private static readonly CompiledQuery<long, VirtualMachine> ById = new((database, id, _) =>
        database.Set<VirtualMachine>().Single(vm => vm.Id == id));

    private static readonly CompiledList<string, string> AboutUnknownDomains = new((database, mention) =>
        database.Set<Alert>()
            .Where(alert => alert.Resolved == null && alert.Type == AlertType.UnknownDomain && alert.Subject.Contains(mention))
            .Select(alert => alert.Subject));

    /// <summary>
    /// Adds a virtual machine, Stopped. Its instance name is made of its id, and is not the name of an unknown domain on a host.
    /// </summary>
    public async Task<VirtualMachine> CreateAsync(VirtualMachine vm, CancellationToken cancellationToken)
    {
        vm.HasRun = false;
        database.Add(vm);
        await database.SaveChangesAsync(cancellationToken);
        var name = $"i-{vm.AccountId}-{vm.Id}-VM";
        vm.InstanceName = UnknownDomains.FreeName(
            name, await AboutUnknownDomains.ReadAsync(database, UnknownDomains.Mention(name), cancellationToken));
        return vm;
    }

    public Task<VirtualMachine> LoadAsync(long id, CancellationToken cancellationToken) =>
        ById.ReadAsync(database, id, cancellationToken);

    /// <summary>
    /// Moves a virtual machine: listeners before, the change, listeners after; all in the caller's transaction, which must be
    /// rolled back on a refusal.
    /// </summary>
    /// <param name="hostId">The host in the new state; null for none.</param>
    public async Task<Refusal?> TransitAsync(
        VirtualMachine vm, VirtualMachineEvent @event, long? hostId, TransitionReason reason, CancellationToken cancellationToken)
    {
        if (!VirtualMachineStateMachine.TryNext(vm.State, @event, out var next))
        {
            return Refusal.InvalidParameter($"{vm.Name} is {StoredNames.Of(vm.State)}: {@event} is not possible");
        }

        var transition = new StateTransition(vm, @event, vm.State, next, hostId, reason);
        foreach (var listener in listeners)
        {
            if (await listener.BeforeAsync(transition, cancellationToken) is { } refusal) return refusal;
        }

        var before = vm.HostId;
        long?[] concerned = [before, hostId, vm.State == VirtualMachineState.Migrating ? vm.LastHostId : null];
        if (before is not null && before != hostId) vm.LastHostId = before;
        foreach (var off in reason.Evidence.Where(off => off.Session > 0 && off.HostId != hostId))
        {
            (vm.OffHostId, vm.OffSession, vm.OffSequence) = (off.HostId, off.Session, off.Sequence);
        }

        vm.State = next;
        if (next == VirtualMachineState.Running) vm.HasRun = true;
        vm.HostId = hostId;
        vm.UpdateTime = time.GetUtcNow();
        if (next == VirtualMachineState.Expunging) vm.Removed = vm.UpdateTime;
        Touch(vm);
        foreach (var listener in listeners) await listener.AfterAsync(transition, cancellationToken);
        foreach (var id in concerned.OfType<long>().Distinct().Order()) await reports.LookAnewAsync(id, cancellationToken);
        return null;
    }

    /// <summary>Hands evidence to the listeners without a change of state.</summary>
    public async Task OffAsync(VirtualMachine vm, OffEvidence evidence, TransitionReason reason, CancellationToken cancellationToken)
    {
        foreach (var listener in listeners) await listener.OffAsync(vm, evidence, reason, cancellationToken);
    }

    /// <summary>Lets a workflow hold the virtual machine; null = no workflow holds it.</summary>
    public async Task LockAsync(VirtualMachine vm, long? workflowId, CancellationToken cancellationToken)
    {
        vm.WorkflowId = workflowId;
        Touch(vm);
        if (workflowId is not null) return;
        // From now on no workflow takes care of what reports say of the virtual machine.
        if (vm.HostId is { } hostId) await reports.LookAnewAsync(hostId, cancellationToken);
        // The workflow that ends has read the hosts that it was about, so they are in memory.
        var isLeaving = database.Set<Host>().Local.Any(host => (host.Id == vm.HostId || host.Id == vm.LastHostId) && host.IsBeingEmptied);
        if (isLeaving) activation.Wake(HostMaintenance.Job);
    }

    /// <summary>The number for a new command of the virtual machine.</summary>
    public static long NextCommandNumber(VirtualMachine vm)
    {
        Touch(vm);
        return ++vm.CommandNumber;
    }

    /// <summary>Notes when a host last said something about the virtual machine that counts.</summary>
    public static void NoteAnswer(VirtualMachine vm, long hostId, long session, long sequence)
    {
        (vm.AnswerHostId, vm.AnswerSession, vm.AnswerSequence) = (hostId, session, sequence);
        Touch(vm);
    }

    private static void Touch(VirtualMachine vm) => vm.UpdateCount++;
}
