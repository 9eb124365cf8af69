using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Persistence;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.PciDevices;

/// <summary>
/// Gives devices to virtual machines and takes them back, as a listener of their life cycle. A claim is one conditional
/// update per device with everything that makes it allocatable; a release names device, owner and claim, and needs
/// evidence from the host.
/// </summary>
internal sealed class PciDeviceManager(
    PciBusDbContext database, PlacementClassManager classes, HostReportManager reports, TimeProvider time,
    ILogger<PciDeviceManager> logger) : IStateListener
{
    /// <summary>The devices of a host that a virtual machine owns.</summary>
    public static readonly CompiledQuery<Func<PciBusDbContext, long, long, IAsyncEnumerable<PciDevice>>> OwnedBy =
        new(() => EF.CompileAsyncQuery(
        (PciBusDbContext database, long vmId, long hostId) =>
            database.Set<PciDevice>().AsNoTracking().Where(device => device.InstanceId == vmId && device.HostId == hostId)));

    private static readonly CompiledList<long, PciDevice> OfHost = new((database, hostId) =>
        database.Set<PciDevice>().AsNoTracking().Where(device => device.HostId == hostId));

    public async Task<Refusal?> BeforeAsync(StateTransition transition, CancellationToken cancellationToken) => transition.Takes
        ? await ClaimAsync(transition.Vm, transition.HostId!.Value, transition.Reason, cancellationToken)
        : null;

    public async Task AfterAsync(StateTransition transition, CancellationToken cancellationToken)
    {
        if (!transition.GivesBack) return;
        foreach (var evidence in transition.Reason.Evidence.OrderBy(one => one.HostId))
        {
            await ReleaseAsync(transition.Vm, evidence, transition.Reason, cancellationToken);
        }
    }

    public Task OffAsync(VirtualMachine vm, OffEvidence evidence, TransitionReason reason, CancellationToken cancellationToken) =>
        ReleaseAsync(vm, evidence, reason, cancellationToken);

    /// <summary>What a virtual machine must be given on another host: what it should have, and what else it owns where it runs.</summary>
    public async Task<PciDeviceNames> NeededAsync(VirtualMachine vm, CancellationToken cancellationToken)
    {
        var offering = await database.RowAsync<ServiceOffering>(vm.ServiceOfferingId, cancellationToken);
        if (vm is not { State: VirtualMachineState.Running, HostId: { } hostId }) return PciDeviceNames.ParseList(offering.PciDevices);
        var owned = await OwnedBy.On(database)(database, vm.Id, hostId).ToListAsync(cancellationToken);
        return PciDeviceShortage.WantedBy(vm, offering.PciDevices).Or(PciDeviceShortage.NamesOf(owned));
    }

    /// <summary>Claims all that is needed, or nothing: a refusal rolls the transaction back.</summary>
    private async Task<Refusal?> ClaimAsync(VirtualMachine vm, long hostId, TransitionReason reason, CancellationToken cancellationToken)
    {
        var request = await NeededAsync(vm, cancellationToken);
        return request.IsEmpty ? null : await ClaimAsync(vm.Id, hostId, request, reason, cancellationToken);
    }

    /// <summary>Claims devices of a host by name; the host's capacity row must have been changed before, in this transaction.</summary>
    public async Task<Refusal?> ClaimAsync(
        long vmId, long hostId, PciDeviceNames request, TransitionReason reason, CancellationToken cancellationToken)
    {
        var devices = await OfHostAsync(hostId, cancellationToken);
        var accounter = new PciDeviceAccounter(devices);
        if (accounter.Pick(request) is not { } picked)
        {
            var text = accounter.Shortage(request) ?? "its free devices cannot be given out together";
            return new Refusal(RefusalCause.InsufficientCapacity, text) { HostId = hostId, LostRace = true };
        }

        foreach (var device in picked)
        {
            if (await TakeAsync(device, vmId, reason, cancellationToken) is { } refusal) return refusal;
        }

        await classes.RefreshAsync(hostId, devices, cancellationToken);
        return null;
    }

    /// <summary>
    /// Claims one device as it was read; its host's capacity row must have been changed before, and its class refreshed after.
    /// </summary>
    public async Task<Refusal?> TakeAsync(PciDevice device, long vmId, TransitionReason reason, CancellationToken cancellationToken)
    {
        var rows = await database.Database.ExecuteSqlAsync(
            $"""
            UPDATE op_host_pci_devices
            SET instance_id = {vmId}, claim = claim + 1, claimed_name = name
            WHERE id = {device.Id} AND instance_id IS NULL AND claim = {device.Claim} AND name = {device.Name}
                AND configured = {true} AND present = {true} AND health = {nameof(PciDeviceHealth.Good)} AND enabled = {true}
                AND seen_in IS NULL AND unusable IS NULL
            """,
            cancellationToken);
        if (rows != 1) return Refusal.Race($"{device.Address} was taken at the same time", device.HostId);
        (device.InstanceId, device.ClaimedName) = (vmId, device.Name);
        device.Claim++;
        Record(device, PciDeviceChange.Claimed, vmId, reason.Why, reason.JobId);
        return null;
    }

    /// <summary>
    /// Takes devices from a running virtual machine that could not be attached, and that its host shows not to be in its domain. Claims
    /// others of the same names there. The devices that could not be attached are quarantined.
    /// </summary>
    /// <param name="vm">The virtual machine.</param>
    /// <param name="evidence">From that host; of the devices that are taken none is clean.</param>
    /// <param name="replace">False: no others are claimed.</param>
    /// <param name="reason">For the history.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The names that were taken, and those of them without a replacement; or the refusal when a race was lost.</returns>
    public async Task<(Refusal? Refusal, PciDeviceNames Taken, PciDeviceNames Missing)> ExchangeAsync(
        VirtualMachine vm, OffEvidence evidence, bool replace, TransitionReason reason, CancellationToken cancellationToken)
    {
        // Locks the host's capacity row, as every claim there does.
        await reports.LookAnewAsync(evidence.HostId, cancellationToken);
        var unclean = evidence.Cleaned.Select(device => device.Address).ToHashSet();
        var taken = (await OfHostAsync(evidence.HostId, cancellationToken))
            .Where(device => device.InstanceId == vm.Id && unclean.Contains(device.Address)).ToList();
        foreach (var device in taken) await ReleaseAsync(device, vm.Id, vm.Uuid, evidence, reason, cancellationToken);
        var names = PciDeviceNames.Of(taken.Select(device => device.ClaimedName ?? device.Name));
        var accounter = new PciDeviceAccounter(await OfHostAsync(evidence.HostId, cancellationToken));
        var others = replace ? names.Except(names.Except(accounter.Free)) : PciDeviceNames.None;
        if (accounter.Pick(others) is null) others = PciDeviceNames.None;
        var refusal = others.IsEmpty ? null : await ClaimAsync(vm.Id, evidence.HostId, others, reason, cancellationToken);
        if (others.IsEmpty && taken.Count > 0) await classes.RefreshAsync(evidence.HostId, cancellationToken);
        return (refusal, names, names.Except(others));
    }

    private async Task ReleaseAsync(VirtualMachine vm, OffEvidence evidence, TransitionReason reason, CancellationToken cancellationToken)
    {
        var devices = await OfHostAsync(evidence.HostId, cancellationToken);
        var released = devices.Where(device => device.InstanceId == vm.Id).ToList();
        foreach (var device in released) await ReleaseAsync(device, vm.Id, vm.Uuid, evidence, reason, cancellationToken);
        if (released.Count > 0) await classes.RefreshAsync(evidence.HostId, cancellationToken);
    }

    /// <summary>Releases one device as it was read. A device that did not come clean is quarantined in the same update.</summary>
    public async Task ReleaseAsync(
        PciDevice device, long vmId, Guid vmUuid, OffEvidence evidence, TransitionReason reason, CancellationToken cancellationToken)
    {
        var dirt = WhyNotClean(device, evidence);
        var health = dirt is null ? device.Health : PciDeviceHealth.Quarantined;
        var healthReason = dirt ?? device.HealthReason;
        // That its owner is off says nothing about another domain that holds the device: only a report does.
        var seenIn = device.SeenIn == vmUuid ? null : device.SeenIn;
        var (session, sequence) = evidence.Untouched
            ? (device.SeenSession, device.SeenSequence)
            : (evidence.Session, evidence.Sequence);
        var rows = await database.Set<PciDevice>()
            .Where(row => row.Id == device.Id && row.InstanceId == vmId && row.Claim == device.Claim)
            .ExecuteUpdateAsync(
                set => set.SetProperty(row => row.InstanceId, (long?)null)
                    .SetProperty(row => row.Claim, row => row.Claim + 1)
                    .SetProperty(row => row.ClaimedName, (string?)null)
                    .SetProperty(row => row.Health, health)
                    .SetProperty(row => row.HealthReason, healthReason)
                    .SetProperty(row => row.SeenIn, seenIn)
                    .SetProperty(row => row.SeenSession, session)
                    .SetProperty(row => row.SeenSequence, sequence),
                cancellationToken);
        if (rows != 1)
        {
            PciDeviceLog.ReleaseWithoutClaim(logger, device.HostId, vmId, device.Address, device.Claim);
            return;
        }

        Record(device, PciDeviceChange.Released, vmId, reason.Why, reason.JobId);
        if (dirt is not null) Record(device, PciDeviceChange.Quarantined, vmId, dirt, reason.JobId);
        if (device is { Configured: false, ConfiguredAddress: null }) await RemoveAsync(device, cancellationToken);
    }

    private async Task RemoveAsync(PciDevice device, CancellationToken cancellationToken)
    {
        await database.Set<PciDevice>()
            .Where(row => row.Id == device.Id && row.InstanceId == null && !row.Configured)
            .ExecuteDeleteAsync(cancellationToken);
        Record(device, PciDeviceChange.Removed, null, "taken out of pci.devices while it was in use", null);
    }

    private static string? WhyNotClean(PciDevice device, OffEvidence evidence)
    {
        if (evidence.Untouched) return null;
        var cleaning = evidence.Cleaned.FirstOrDefault(cleaned => cleaned.Address == device.Address);
        return cleaning switch
        {
            null => "the host did not say whether it is clean",
            { Clean: false } => cleaning.Reason ?? "it did not come out of its reset",
            _ => null,
        };
    }

    private ValueTask<List<PciDevice>> OfHostAsync(long hostId, CancellationToken cancellationToken) =>
        OfHost.ReadAsync(database, hostId, cancellationToken);

    private void Record(PciDevice device, PciDeviceChange what, long? vmId, string why, long? jobId) =>
        database.Add(device.HistoryOf(what, vmId, why, jobId, time.GetUtcNow()));
}
