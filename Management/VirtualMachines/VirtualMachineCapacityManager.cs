using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Persistence;
using PciBus.Management.ServiceOfferings;

namespace PciBus.Management.VirtualMachines;

/// <summary>Takes CPU and RAM of hosts for virtual machines and gives them back, as a listener of their life cycle.</summary>
internal sealed class VirtualMachineCapacityManager(
    PciBusDbContext database, HostCapacityManager capacity, HostReportManager reports) : IStateListener
{
    public async Task<Refusal?> BeforeAsync(StateTransition transition, CancellationToken cancellationToken)
    {
        await StandInLineAsync(transition, cancellationToken);
        if (!transition.Takes) return null;
        var offering = await database.RowAsync<ServiceOffering>(transition.Vm.ServiceOfferingId, cancellationToken);
        var (vm, hostId) = (transition.Vm, transition.HostId!.Value);
        return await capacity.TakeAsync(vm.Id, vm.DataCenterId, hostId, offering.TotalMhz, offering.RamBytes, cancellationToken);
    }

    public async Task AfterAsync(StateTransition transition, CancellationToken cancellationToken)
    {
        if (!transition.GivesBack) return;
        foreach (var evidence in transition.Reason.Evidence.OrderBy(one => one.HostId))
        {
            await capacity.GiveBackAsync(transition.Vm.Id, evidence.HostId, cancellationToken);
        }
    }

    public Task OffAsync(VirtualMachine vm, OffEvidence evidence, TransitionReason reason, CancellationToken cancellationToken) =>
        capacity.GiveBackAsync(vm.Id, evidence.HostId, cancellationToken);

    /// <summary>
    /// A change that concerns two hosts locks them by their ids before it writes anything else, so that no two changes wait for each other.
    /// </summary>
    private async Task StandInLineAsync(StateTransition transition, CancellationToken cancellationToken)
    {
        long?[] hosts = [transition.Vm.HostId, transition.HostId, .. transition.Reason.Evidence.Select(one => (long?)one.HostId)];
        var inLine = hosts.OfType<long>().Distinct().Order().ToList();
        if (inLine.Count < 2) return;
        foreach (var hostId in inLine) await reports.LookAnewAsync(hostId, cancellationToken);
    }
}
