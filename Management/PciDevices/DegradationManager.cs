using Microsoft.EntityFrameworkCore;
using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Persistence;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.PciDevices;

/// <summary>
/// Notes which running virtual machines lack PCI devices, with an alert while they do and an event when it begins and ends; and which of
/// them are to be given some. A virtual machine is judged when it comes back to Running, when a device was attached or released, and by the
/// reports of its host.
/// </summary>
internal sealed class DegradationManager(
    PciBusDbContext database, AlertManager alerts, EventManager events, TimeProvider time) : IStateListener
{
    /// <summary>Of the pause after a failed repair.</summary>
    private const int MostDoublings = 4;

    /// <summary>The longest pause between two attempts to repair, when the first pause is an interval.</summary>
    public static TimeSpan LongestPause(TimeSpan interval) => interval * (1 << MostDoublings);

    public async Task AfterAsync(StateTransition transition, CancellationToken cancellationToken)
    {
        var vm = transition.Vm;
        switch (transition)
        {
            case { To: VirtualMachineState.Starting }:
                vm.WantedPciDevices = null;
                break;
            // A start claims all devices that the virtual machine should have, or fails.
            case { From: VirtualMachineState.Starting } or { From: VirtualMachineState.Running, To: VirtualMachineState.Running }:
                break;
            case { To: VirtualMachineState.Running }:
                await JudgeAsync(vm, cancellationToken);
                break;
            case { From: VirtualMachineState.Running }:
                await NoteAsync(vm, PciDeviceShortage.None, $"it is {vm.State}", cancellationToken);
                break;
        }
    }

    /// <summary>
    /// Judges a virtual machine by the devices that it owns. Only a report can tell that a device is not in its domain: that counts when an
    /// earlier report has told it.
    /// </summary>
    public async Task JudgeAsync(VirtualMachine vm, CancellationToken cancellationToken)
    {
        if (vm is not { State: VirtualMachineState.Running, HostId: { } hostId }) return;
        var owned = await PciDeviceManager.OwnedBy.On(database)(database, vm.Id, hostId).ToListAsync(cancellationToken);
        var isKnownToLack = vm.DegradedSince is not null || vm.RepairAt is not null;
        if (!isKnownToLack) owned.ForEach(device => device.SeenIn = vm.Uuid);
        await NoteAsync(vm, await ShortageAsync(vm, owned, cancellationToken), "it has all of them", cancellationToken);
    }

    /// <summary>Judges the virtual machines of a host by a report, which tells what is in their domains.</summary>
    /// <param name="running">Virtual machines that run there without a workflow, by the records and by the report.</param>
    /// <param name="owned">All devices of the host that are owned, as the report shows them.</param>
    public async Task CompareAsync(
        IReadOnlyList<VirtualMachine> running, IReadOnlyList<PciDevice> owned, CancellationToken cancellationToken)
    {
        var byOwner = owned.ToLookup(device => device.InstanceId);
        foreach (var seen in running)
        {
            var shortage = await ShortageAsync(seen, [.. byOwner[seen.Id]], cancellationToken);
            if (shortage.Why == seen.DegradedWhy && shortage.NeedsRepair == seen.RepairAt is not null) continue;
            var vm = await database.RowAsync<VirtualMachine>(seen.Id, cancellationToken);
            if (vm.WorkflowId is null) await NoteAsync(vm, shortage, "it has all of them", cancellationToken);
        }
    }

    /// <summary>How many virtual machines run without all of their devices.</summary>
    public Task<int> CountAsync(CancellationToken cancellationToken) =>
        database.Set<VirtualMachine>().CountAsync(vm => vm.DegradedSince != null, cancellationToken);

    /// <summary>The virtual machine was given a device: the search for others that it lacks begins at once.</summary>
    public void CountSuccess(VirtualMachine vm)
    {
        if (vm.RepairAt is null) return;
        (vm.RepairAt, vm.RepairTries) = (time.GetUtcNow(), 0);
        vm.UpdateCount++;
    }

    /// <summary>Counts a search for a device: should it fail, the next search is further away than the last.</summary>
    public void CountTry(VirtualMachine vm, TimeSpan interval)
    {
        vm.RepairAt = time.GetUtcNow() + interval * (1 << Math.Min(vm.RepairTries, MostDoublings));
        vm.RepairTries++;
        vm.UpdateCount++;
    }

    private async Task<PciDeviceShortage> ShortageAsync(VirtualMachine vm, List<PciDevice> owned, CancellationToken cancellationToken)
    {
        var offering = await database.RowAsync<ServiceOffering>(vm.ServiceOfferingId, cancellationToken);
        return PciDeviceShortage.Of(PciDeviceShortage.WantedBy(vm, offering.PciDevices), owned, vm.Uuid);
    }

    private async Task NoteAsync(VirtualMachine vm, PciDeviceShortage shortage, string ended, CancellationToken cancellationToken)
    {
        if (shortage.NeedsRepair == vm.RepairAt is null)
        {
            vm.RepairAt = shortage.NeedsRepair ? time.GetUtcNow() : null;
            vm.RepairTries = 0;
            vm.UpdateCount++;
        }

        if (shortage.Why == vm.DegradedWhy) return;
        var subject = $"{vm.Name} ({vm.InstanceName}) runs without all of its PCI devices";
        if (vm.DegradedSince is not null) await alerts.ResolveAsync(AlertType.VirtualMachineDegraded, [subject], cancellationToken);
        if (shortage.Why is null) RecordEvent(vm, $"{vm.Name} no longer runs without all of its PCI devices: {ended}", EventLevel.INFO);
        else await BeginAsync(vm, subject, shortage.Why, cancellationToken);
        vm.DegradedWhy = shortage.Why;
        vm.DegradedSince = shortage.Why is null ? null : vm.DegradedSince ?? time.GetUtcNow();
        vm.UpdateCount++;
    }

    private async Task BeginAsync(VirtualMachine vm, string subject, string why, CancellationToken cancellationToken)
    {
        if (vm.DegradedSince is null) RecordEvent(vm, $"{subject}: {why}", EventLevel.WARN);
        var body = $"{why}. What is missing is attached when its host has it free; a migration to a host that has it gives it at once.";
        await alerts.RaiseAsync(AlertType.VirtualMachineDegraded, subject, body, null, vm.Id, cancellationToken);
    }

    private void RecordEvent(VirtualMachine vm, string text, EventLevel level) => events.Record(
        EventTypes.VmDegraded, text, new Caller(vm.UserId, vm.AccountId, vm.DomainId), nameof(VirtualMachine), vm.Id, level);
}
