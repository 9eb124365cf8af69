using PciBus.Contracts;
using PciBus.Contracts.Startup;
using PciBus.Management.Hosts;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;

namespace PciBus.Management.Bus;

/// <summary>Carries out what an agent's announcements and reports change, in one transaction each.</summary>
internal sealed class HostSessionManager(
    HostManager hosts,
    HostStateManager states,
    HostAnnouncementManager announcements,
    PciDeviceReportManager reports,
    ReportComparisonManager comparisons,
    Outbox outbox,
    HostOptions options)
{
    /// <summary>Begins a session: the answer that names it is written in the same transaction.</summary>
    /// <returns>Null when the host is refused.</returns>
    public async Task<ReportFindings?> BeginSessionAsync(
        StartupRoutingCommand startup, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (host, bootBefore, refused) = await announcements.ConnectAsync(startup, cancellationToken);
        if (host is null)
        {
            outbox.Add(EndpointNames.Agent(startup.Guid), new StartupAnswer
            {
                CommandId = startup.CommandId,
                Result = false,
                Details = refused,
                Nonce = startup.Nonce,
            });
            return null;
        }

        // An announcement is the first report of its session, whatever the agent counted before.
        var report = startup.Report with { Session = host.Session, Sequence = 1 };
        var hasRebooted = bootBefore is { Length: > 0 } && report.BootId.Length > 0 && report.BootId != bootBefore;
        await reports.StoreAsync(host, report, hasRebooted ? startup.OtherPciDevices ?? [] : null, cancellationToken);
        var findings = await comparisons.CompareAndRememberAsync(host, report, startup.SentAt, now, cancellationToken);
        if (MayBeUp(findings, report)) await states.MoveAsync(host, HostEvent.Ready, cancellationToken);
        outbox.Add(EndpointNames.Agent(host.Guid), new StartupAnswer
        {
            CommandId = startup.CommandId,
            Result = true,
            HostId = host.Id,
            HostName = host.Name,
            HostUuid = host.Uuid.ToString(),
            PingInterval = (int)options.PingInterval.TotalSeconds,
            Nonce = startup.Nonce,
            Session = host.Session,
        });
        if (host.Status == HostStatus.Up) outbox.Add(EndpointNames.Agent(host.Guid), Ready(host));
        return findings;
    }

    /// <summary>Stores a report; null when it is not of the host's current session.</summary>
    public async Task<ReportFindings?> StoreReportAsync(PingRoutingCommand ping, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var host = await hosts.FindAsync(ping.HostGuid, cancellationToken);
        if (host is null || host.Session != ping.Report.Session) return null;
        // A later report came first: this report says nothing new of the host.
        if (reports.IsOvertaken(host, ping.Report)) return new ReportFindings(host.Id, [], []);
        await states.LockAsync(host, cancellationToken);
        await reports.StoreAsync(host, ping.Report, others: null, cancellationToken);
        var findings = await comparisons.CompareAndRememberAsync(host, ping.Report, ping.SentAt, now, cancellationToken);
        var before = host.Status;
        // A report from before the farewell shows what still runs there, and not that the agent is back.
        var hasLeftSince = ping.Report.Sequence < host.FarewellSequence;
        if (host.Status != HostStatus.Up && !hasLeftSince && MayBeUp(findings, ping.Report))
        {
            await states.MoveAsync(host, host.Status == HostStatus.Connecting ? HostEvent.Ready : HostEvent.Ping, cancellationToken);
        }

        if (host.Status == HostStatus.Up && before != HostStatus.Up) outbox.Add(EndpointNames.Agent(host.Guid), Ready(host));
        return findings;
    }

    /// <summary>
    /// A host takes virtual machines when nothing there is to be settled, and its report says what runs there: where the hypervisor could
    /// not be asked, an unknown domain may hold a device.
    /// </summary>
    private static bool MayBeUp(ReportFindings findings, HostReport report) =>
        findings.Strays.Count == 0 && report.VirtualMachines is not null;

    private static ReadyCommand Ready(Host host) => new()
    {
        CommandId = Guid.NewGuid(),
        HostId = host.Id,
        HostUuid = host.Uuid.ToString(),
        HostName = host.Name,
        Session = host.Session,
    };
}
