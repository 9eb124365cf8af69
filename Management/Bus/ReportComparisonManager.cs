using Microsoft.EntityFrameworkCore;
using PciBus.Contracts.Startup;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;

namespace PciBus.Management.Bus;

/// <summary>Compares what a host reports with the records, in the transaction that stores the report.</summary>
internal sealed class ReportComparisonManager(
    PciBusDbContext database,
    SightingManager sightings,
    PciDeviceReportManager reports,
    HostReportManager remembered,
    DomainStatusManager statuses,
    HostPlaceManager places,
    AlertManager alerts)
{
    /// <summary>Clocks further apart than this are an alert.</summary>
    private static readonly TimeSpan MaxSkew = TimeSpan.FromSeconds(30);

    private static readonly CompiledList<long, Stray> StraysOf = new((database, hostId) =>
        database.Set<HostCapacityOfVm>().Where(taken => taken.HostId == hostId).Select(taken => taken.VmId)
            .Union(database.Set<PciDevice>().Where(device => device.HostId == hostId && device.InstanceId != null)
                .Select(device => device.InstanceId!.Value))
            .Join(database.Set<VirtualMachine>(), id => id, vm => vm.Id, (id, vm) => vm)
            .Where(vm => vm.HostId != hostId || vm.HostId == null)
            .Select(vm => new Stray(vm.Id, vm.WorkflowId, vm.State == VirtualMachineState.Migrating && vm.LastHostId == hostId)));

    private static readonly CompiledQuery<Func<PciBusDbContext, long, IReadOnlyList<Guid>, IAsyncEnumerable<VirtualMachine>>> Known =
        new(() => EF.CompileAsyncQuery((
            PciBusDbContext database, long hostId, IReadOnlyList<Guid> reported) => database.Set<VirtualMachine>().AsNoTracking()
            .Where(vm => vm.HostId == hostId || reported.Contains(vm.Uuid))));

    private static readonly CompiledQuery<long, bool> IsWaitedFor = new((database, hostId, _) =>
        database.Set<WorkflowCommand>().Any(row => row.HostId == hostId && row.Deadline == null));

    private static readonly CompiledQuery<long, bool> IsAwaited = new((database, hostId, _) =>
        database.Set<WorkflowCommand>().Any(row => row.HostId == hostId));

    /// <summary>Whether the clock of a host that sent a message just now differs too much from management's.</summary>
    public static bool IsSkewed(DateTimeOffset sentAt, DateTimeOffset now) => (now - sentAt).Duration() > MaxSkew;

    /// <summary>Compares a report that was just stored with the records, and remembers a report that leaves nothing to do.</summary>
    public async Task<ReportFindings> CompareAndRememberAsync(
        Host host, HostReport report, DateTimeOffset sentAt, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var isSkewed = IsSkewed(sentAt, now);
        await alerts.SyncAsync(
            AlertType.ClockSkew,
            host.Id,
            isSkewed
                ? [(
                    $"{host.Name}: its clock is not management's",
                    "They are more than 30 seconds apart. Nothing but time stamps depends on it.")]
                : [],
            cancellationToken);
        var findings = await CompareAsync(host, report, cancellationToken);
        if (findings.IsSettled && !isSkewed)
        {
            await remembered.RememberAsync(host.Id, PciDeviceReportManager.Hash(report), cancellationToken);
        }

        return findings;
    }

    /// <summary>Compares the domains that run with the records. Settle asks the host about the differences.</summary>
    private async Task<ReportFindings> CompareAsync(Host host, HostReport report, CancellationToken cancellationToken)
    {
        // A migrating virtual machine has its devices on both hosts. On a host that was declared down it may be a copy by now.
        var strays = (await StraysOf.ReadAsync(database, host.Id, cancellationToken))
            .Where(vm => !vm.IsMigratingAway || host.DeclaredDown is not null).ToList();
        var findings = new ReportFindings(host.Id, [.. strays.Select(vm => vm.Id)], []);
        if (report.VirtualMachines is not { } domains)
        {
            await places.FollowAsync(host, isFree: false, cancellationToken);
            return findings with { Doubtful = [.. strays.Where(vm => vm.WorkflowId is null).Select(vm => vm.Id)] };
        }

        var uuids = domains.Select(domain => domain.Uuid).ToList();
        var known = await Known.On(database)(database, host.Id, uuids).ToListAsync(cancellationToken);
        await alerts.SyncAsync(
            AlertType.UnknownDomain,
            host.Id,
            [.. domains.Where(domain => known.All(vm => vm.Uuid != domain.Uuid)).Select(domain =>
                (UnknownDomains.Subject(host.Name, domain.Name), $"Its uuid is {domain.Uuid}. It is not touched."))],
            cancellationToken);
        // For these virtual machines the host has not given an answer that is newer than the report.
        var current = known.Where(vm => !IsOlder(vm.AnswerHostId, vm.AnswerSession, vm.AnswerSequence)
            && !IsOlder(vm.OffHostId, vm.OffSession, vm.OffSequence)).ToList();
        var seen = current.Where(vm => vm.HostId != host.Id && !IsMigratingFrom(vm, host.Id) && uuids.Contains(vm.Uuid)).ToList();
        var sighted = (await sightings.SeeAsync(host, seen, report.Sequence, cancellationToken)).Select(sighting => sighting.VmId).ToList();
        var judged = current.Where(vm => vm.WorkflowId is null).ToList();
        var running = known.Where(vm => vm.HostId == host.Id && vm.State == VirtualMachineState.Running && uuids.Contains(vm.Uuid))
            .ToList();
        await reports.CompareAsync(host, [.. running.Intersect(judged)], [.. running.Except(judged)], cancellationToken);
        await statuses.CompareAsync(host, running.Intersect(judged), domains, cancellationToken);
        // Settle leaves a domain alone unless its host was declared down: asking with each report would change nothing.
        var standing = host.DeclaredDown is null ? seen.Select(vm => vm.Id).ToHashSet() : [];
        var doubtful = judged
            .Where(vm => (vm.HostId == host.Id && vm.State == VirtualMachineState.Running) != uuids.Contains(vm.Uuid))
            .Select(vm => vm.Id);
        // The host is back before anybody had looked: it counts as declared down until it is settled what ran there.
        var lost = known.Where(vm => host.DeclaredDown is not null && vm.HostId == host.Id && vm.State == VirtualMachineState.Running
            && !uuids.Contains(vm.Uuid));
        findings = findings with
        {
            Strays = [.. findings.Strays, .. lost.Select(vm => vm.Id)],
            Doubtful =
            [
                .. doubtful.Union(strays.Where(vm => vm.WorkflowId is null).Select(vm => vm.Id))
                    .Union(sighted.Except(seen.Select(vm => vm.Id)))
                    .Except(standing),
            ],
            Sighted = [.. seen.Select(vm => vm.WorkflowId).OfType<long>()],
        };
        var agrees = findings is { Strays: [], Doubtful: [] } && sighted.Count == 0 && current.Count == known.Count;
        if (host.AnnouncedClusterId is not null)
        {
            var isFree = agrees && !await IsAwaited.ReadAsync(database, host.Id, cancellationToken);
            if (!await places.FollowAsync(host, isFree, cancellationToken)) return findings;
        }

        return findings with { IsSettled = agrees && !await IsWaitedFor.ReadAsync(database, host.Id, cancellationToken) };

        bool IsOlder(long? hostId, long session, long sequence) =>
            hostId == host.Id && (report.Session, report.Sequence).CompareTo((session, sequence)) <= 0;
    }

    private static bool IsMigratingFrom(VirtualMachine vm, long hostId) =>
        vm.State == VirtualMachineState.Migrating && vm.LastHostId == hostId;

    /// <summary>A virtual machine that has capacity or devices of a host where the records do not have it.</summary>
    /// <param name="IsMigratingAway">The host is the source of its migration.</param>
    private sealed record Stray(long Id, long? WorkflowId, bool IsMigratingAway);
}
