using Microsoft.EntityFrameworkCore;
using PciBus.Management.Persistence;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Hosts;

/// <summary>Takes CPU and RAM of hosts for virtual machines and gives them back, as a listener of their life cycle.</summary>
internal sealed class HostCapacityManager(PciBusDbContext database, HostReportManager reports) : IStateListener
{
    private const long MiB = 1024 * 1024;

    public async Task<Refusal?> BeforeAsync(StateTransition transition, CancellationToken cancellationToken)
    {
        await StandInLineAsync(transition, cancellationToken);
        if (!transition.Takes) return null;
        var offering = await database.RowAsync<ServiceOffering>(transition.Vm.ServiceOfferingId, cancellationToken);
        var (vm, hostId) = (transition.Vm, transition.HostId!.Value);
        return await TakeAsync(vm.Id, vm.DataCenterId, hostId, CpuOf(offering), RamOf(offering), cancellationToken);
    }

    public async Task AfterAsync(StateTransition transition, CancellationToken cancellationToken)
    {
        if (!transition.GivesBack) return;
        foreach (var evidence in transition.Reason.Evidence.OrderBy(one => one.HostId))
        {
            await GiveBackAsync(transition.Vm.Id, evidence.HostId, cancellationToken);
        }
    }

    public Task OffAsync(VirtualMachine vm, OffEvidence evidence, TransitionReason reason, CancellationToken cancellationToken) =>
        GiveBackAsync(vm.Id, evidence.HostId, cancellationToken);

    /// <summary>MHz that a virtual machine of an offering takes.</summary>
    public static long CpuOf(ServiceOffering offering) => (long)offering.Cpu * offering.Speed;

    /// <summary>Bytes that a virtual machine of an offering takes.</summary>
    public static long RamOf(ServiceOffering offering) => offering.RamSize * MiB;

    /// <summary>
    /// The first write of every claim on a host: it stands in line here, and sees whether the host still takes any, in that zone. The
    /// three updates of a claim are written out, because to translate one from LINQ takes longer than to execute it.
    /// </summary>
    public async Task<Refusal?> TakeAsync(long vmId, long zoneId, long hostId, long cpu, long ram, CancellationToken cancellationToken)
    {
        var rows = await database.Database.ExecuteSqlAsync(
            $"""
            UPDATE op_host_capacity
            SET cpu_used = cpu_used + {cpu}, ram_used = ram_used + {ram}, report_hash = NULL, update_count = update_count + 1
            WHERE host_id = {hostId} AND data_center_id = {zoneId} AND capacity_state = {nameof(CapacityState.Enabled)}
              AND cpu_free >= {cpu} AND ram_free >= {ram}
            """,
            cancellationToken);
        if (rows != 1) return Refusal.Race("its CPU and RAM were taken, or it was disabled or moved, at the same time", hostId);
        reports.LooksAnew(hostId);
        database.Add(new HostCapacityOfVm { VmId = vmId, HostId = hostId, Cpu = cpu, Ram = ram });
        return null;
    }

    /// <summary>What concerns two hosts locks them by their ids before it writes anything else, so that no two wait for each other.</summary>
    private async Task StandInLineAsync(StateTransition transition, CancellationToken cancellationToken)
    {
        long?[] hosts = [transition.Vm.HostId, transition.HostId, .. transition.Reason.Evidence.Select(one => (long?)one.HostId)];
        var inLine = hosts.OfType<long>().Distinct().Order().ToList();
        if (inLine.Count < 2) return;
        foreach (var hostId in inLine) await reports.LookAnewAsync(hostId, cancellationToken);
    }

    private async Task GiveBackAsync(long vmId, long hostId, CancellationToken cancellationToken)
    {
        // The first write here too, also when nothing of it is given back: what comes next are the devices of the host.
        await reports.LookAnewAsync(hostId, cancellationToken);
        var taken = await database.Set<HostCapacityOfVm>().AsNoTracking()
            .SingleOrDefaultAsync(row => row.VmId == vmId && row.HostId == hostId, cancellationToken);
        if (taken is null) return;
        var rows = await database.Set<HostCapacityOfVm>()
            .Where(row => row.VmId == vmId && row.HostId == hostId)
            .ExecuteDeleteAsync(cancellationToken);
        if (rows != 1) return;
        await database.Set<HostCapacity>()
            .Where(host => host.HostId == hostId)
            .ExecuteUpdateAsync(
                set => set.SetProperty(host => host.CpuUsed, host => host.CpuUsed - taken.Cpu)
                    .SetProperty(host => host.RamUsed, host => host.RamUsed - taken.Ram),
                cancellationToken);
    }
}
