using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.PciDevices;

/// <summary>
/// Stores what hosts report of their devices. It never frees a device. Rows are compare-and-swap on their claim: a report that meets a
/// claim made meanwhile is compared again.
/// </summary>
internal sealed class PciDeviceReportManager(
    PciBusDbContext database,
    PciRenumberingManager renumbering,
    PlacementClassManager classes,
    DegradationManager degradation,
    AlertManager alerts,
    TimeProvider time,
    ILogger<PciDeviceReportManager> logger)
{
    private static readonly CompiledList<long, PciDevice> OfHost = new((database, hostId) =>
        database.Set<PciDevice>().Where(device => device.HostId == hostId));

    /// <summary>Whether the host has said something later, so that the report is of no interest any more.</summary>
    public bool IsOvertaken(Host host, HostReport report)
    {
        if (report.Sequence >= host.ReportSequence) return false;
        PciDeviceLog.OldReport(logger, host.Id, report.Sequence, host.ReportSequence);
        return true;
    }

    /// <summary>Stores a report of the host's current session that is not overtaken.</summary>
    /// <param name="host">
    /// Tracked in this transaction, which has locked its capacity row: the devices that are read here cannot be claimed meanwhile.
    /// </param>
    /// <param name="report">The report.</param>
    /// <param name="others">
    /// When the host has rebooted: its devices that pci.devices does not name, among which may be devices that it named before. Null when
    /// it has not: then addresses hold.
    /// </param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task StoreAsync(
        Host host, HostReport report, IReadOnlyList<PciDeviceTO>? others, CancellationToken cancellationToken)
    {
        host.ReportSequence = report.Sequence;
        host.UpdateCount++;
        var known = await OfHost.ReadAsync(database, host.Id, cancellationToken);
        var doubts = others is null ? null : await renumbering.FollowAsync(known, report, others, cancellationToken);
        var changes = PciDeviceInventory.Compare(known, report, doubts);
        List<(
            PciDevice Device,
            InventoryChange Change)> applied = [.. changes.Select(change => (Apply(host, known, change, report), change))];
        // The history needs the ids that the database gives new devices.
        if (changes.Any(change => change.Known is null)) await database.SaveChangesAsync(cancellationToken);
        foreach (var (device, change) in applied) RecordChange(device, change);
        await classes.PutAsync(host.Id, host.HostTags, known, cancellationToken);
        await RaiseAlertsAsync(host, known, report, cancellationToken);
    }

    private PciDevice Apply(Host host, List<PciDevice> known, InventoryChange change, HostReport report)
    {
        var device = change.Known;
        if (device is null)
        {
            device = Discover(host, change.Reported!);
            database.Add(device);
            known.Add(device);
        }

        (device.Configured, device.ConfiguredAddress) = (change.Configured, change.ConfiguredAddress);
        device.Present = change.Present;
        device.Unusable = change.Unusable;
        if (device.SeenIn != change.SeenIn || change.Known is null)
        {
            (device.SeenIn, device.SeenSession, device.SeenSequence) = (change.SeenIn, report.Session, report.Sequence);
        }

        if (change.Quarantine is not null) (device.Health, device.HealthReason) = (PciDeviceHealth.Quarantined, change.Quarantine);
        if (change.Reported is not null) Copy(change.Reported, device);
        if (change.Remove) known.Remove(device);
        return device;
    }

    private void RecordChange(PciDevice device, InventoryChange change)
    {
        foreach (var (what, why) in change.Story) database.Add(device.HistoryOf(what, device.InstanceId, why, null, time.GetUtcNow()));
        if (change.Remove) database.Remove(device);
    }

    private PciDevice Discover(Host host, PciDeviceTO reported) => new()
    {
        Uuid = Guid.NewGuid(),
        HostId = host.Id,
        Name = reported.Name,
        ReportedName = reported.Name,
        Domain = reported.Address.Domain,
        Bus = reported.Address.Bus,
        Slot = reported.Address.Slot,
        Function = reported.Address.Function,
        Enabled = true,
        Created = time.GetUtcNow(),
    };

    private static void Copy(PciDeviceTO from, PciDevice to)
    {
        // The entry of the address at which it is now is meant for another device.
        if (to.ConfiguredAddress is null)
        {
            to.ReportedName = from.Name;
            to.Name = to.NameOverride ?? from.Name;
        }

        // What comes back must be known as another device, if it is another one.
        if (from.Present) to.TakeFacts(from);
    }

    private async Task RaiseAlertsAsync(
        Host host, List<PciDevice> devices, HostReport report, CancellationToken cancellationToken)
    {
        await alerts.SyncAsync(
            AlertType.BadPciDeviceEntry,
            host.Id,
            [.. report.BadPciDevices.Select(bad =>
                ($"{host.Name}: pci.devices entry {bad.Position} \"{bad.Entry}\" is not served", $"{bad.Reason}. The other entries are "
                    + "served."))],
            cancellationToken);
        await alerts.SyncAsync(
            AlertType.AgentProperties,
            host.Id,
            [.. report.Warnings.Distinct().Select(warning =>
                ($"{host.Name}: {warning}", "Devices or domains that it cannot list count as it has said before, until its report has no "
                    + "such warning."))],
            cancellationToken);
        await alerts.SyncAsync(
            AlertType.PciDeviceMissing,
            host.Id,
            [.. devices.Where(device => device is { Present: false, InstanceId: not null }).Select(device =>
                ($"{host.Name}: {device.Address} ({device.Name}) is in use and the host does not see it", "It keeps its owner."))],
            cancellationToken);
        await alerts.SyncAsync(
            AlertType.PciDeviceUnusable,
            host.Id,
            [.. devices.Where(device => device is { Unusable: not null, InstanceId: not null }).Select(device =>
                ($"{host.Name}: {device.Address} ({device.Name}) is in use and can be given to nobody any more",
                    $"{device.Unusable}. It keeps its owner."))],
            cancellationToken);
        await alerts.SyncAsync(
            AlertType.PciDeviceRenumbered,
            host.Id,
            [.. devices.Where(device => device.ConfiguredAddress is not null).Select(device =>
                ($"{host.Name}: pci.devices says {device.ConfiguredAddress} ({device.Name}), the device is at {device.Address}",
                    "The host has rebooted, and numbers its buses otherwise. The device keeps its owner, and is given to nobody else "
                    + "before pci.devices names it where it is."))],
            cancellationToken);
        await alerts.SyncAsync(
            AlertType.PciDeviceQuarantined,
            host.Id,
            [.. devices.Where(device => device.Health == PciDeviceHealth.Quarantined).Select(device =>
                ($"{host.Name}: {device.Address} ({device.Name}) is quarantined", device.HealthReason ?? "no reason is known"))],
            cancellationToken);
        // A host that could not list its domains has denied nothing.
        if (report.VirtualMachines is not { } domains) return;
        await alerts.SyncAsync(
            AlertType.PciDeviceInForeignDomain, host.Id, await ForeignAsync(host, devices, domains, cancellationToken), cancellationToken);
    }

    private async Task<List<(string Subject, string Body)>> ForeignAsync(
        Host host, List<PciDevice> devices, IReadOnlyList<DomainReport> domains, CancellationToken cancellationToken)
    {
        var held = devices.Where(device => device.SeenIn is not null).ToList();
        if (held.Count == 0) return [];
        var ownerIds = held.Select(device => device.InstanceId).OfType<long>().Distinct().ToList();
        var owners = await database.Set<VirtualMachine>().AsNoTracking()
            .Where(vm => ownerIds.Contains(vm.Id))
            .ToDictionaryAsync(vm => vm.Id, vm => vm.Uuid, cancellationToken);
        var names = domains.ToDictionary(domain => domain.Uuid, domain => domain.Name);
        return [.. held
            .Where(device => device.InstanceId is null || owners[device.InstanceId.Value] != device.SeenIn)
            .Select(device => (
                $"{host.Name}: {device.Address} ({device.Name}) is in the domain "
                + $"{names.GetValueOrDefault(device.SeenIn!.Value, device.SeenIn.Value.ToString())}, which does not own it",
                $"The uuid of the domain is {device.SeenIn}. The device is given to nobody before it is out of there."))];
    }

    /// <summary>
    /// Compares what virtual machines of a host own with what is in their domains, and with what they should have.
    /// </summary>
    /// <param name="host">The host.</param>
    /// <param name="running">Virtual machines that run there, without a workflow, by the records and by the report.</param>
    /// <param name="unclear">
    /// Virtual machines that run there as well, but a workflow holds them, or they answered after the report was made: their alerts stay as
    /// they are.
    /// </param>
    public async Task CompareAsync(
        Host host, IReadOnlyList<VirtualMachine> running, IReadOnlyList<VirtualMachine> unclear, CancellationToken cancellationToken)
    {
        var devices = await database.Set<PciDevice>()
            .Where(device => device.HostId == host.Id && device.InstanceId != null)
            .ToListAsync(cancellationToken);
        await alerts.SyncAsync(
            AlertType.PciDeviceNotInDomain,
            host.Id,
            NotInDomain(running),
            [.. NotInDomain(unclear).Select(one => one.Subject)],
            cancellationToken);
        await degradation.CompareAsync(running, devices, cancellationToken);

        List<(string Subject, string Body)> NotInDomain(IReadOnlyList<VirtualMachine> vms) =>
        [
            .. devices.Join(vms, device => device.InstanceId, vm => vm.Id, (device, vm) => (device, vm))
                .Where(pair => pair.device.SeenIn != pair.vm.Uuid)
                .Select(pair => (
                    $"{host.Name}: {pair.device.Address} ({pair.device.Name}) is not in {pair.vm.Name}, which owns it",
                    $"{pair.vm.Name} runs without it. It stays claimed, and is attached again.")),
        ];
    }

    /// <summary>
    /// Fingerprint of everything a report says except when it was made. Fingerprints of the first version, which only said that a report
    /// was stored, equal none.
    /// </summary>
    public static string Hash(HostReport report) => "2:" + Convert.ToHexStringLower(
        SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(report with { Sequence = 0 })));
}
