using Microsoft.EntityFrameworkCore;
using PciBus.Contracts;
using PciBus.Contracts.Startup;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Agents;

/// <summary>What an agent's announcements and reports change, in one transaction each.</summary>
internal sealed class HostSessionManager(
    PciBusDbContext database,
    HostManager hosts,
    PciDeviceReportManager reports,
    PlacementClassManager classes,
    AlertManager alerts,
    Outbox outbox,
    HostOptions options)
{
    private static readonly CompiledQuery<Func<PciBusDbContext, long, bool, IAsyncEnumerable<Stray>>> StraysOf = new(() => EF.CompileAsyncQuery(
        (PciBusDbContext database, long hostId, bool wasDown) => database.Set<HostCapacityOfVm>().Where(taken => taken.HostId == hostId).Select(taken => taken.VmId)
            .Union(database.Set<PciDevice>().Where(device => device.HostId == hostId && device.InstanceId != null)
                .Select(device => device.InstanceId!.Value))
            .Join(database.Set<VirtualMachine>(), id => id, vm => vm.Id, (id, vm) => vm)
            // One that migrates has something on both hosts; but its workflow has gone on without a host that was declared down.
            .Where(vm => (vm.HostId != hostId || vm.HostId == null) && (wasDown || vm.State != VirtualMachineState.Migrating))
            .Select(vm => new Stray(vm.Id, vm.WorkflowId))));

    private static readonly CompiledQuery<Func<PciBusDbContext, long, IReadOnlyList<Guid>, IAsyncEnumerable<VirtualMachine>>> Known =
        new(() => EF.CompileAsyncQuery((PciBusDbContext database, long hostId, IReadOnlyList<Guid> reported) => database.Set<VirtualMachine>().AsNoTracking()
            .Where(vm => vm.HostId == hostId || reported.Contains(vm.Uuid))));

    /// <summary>Clocks further apart than this are an alert.</summary>
    private static readonly TimeSpan MaxSkew = TimeSpan.FromSeconds(30);

    /// <summary>Whether the clock of a host that sent something just now is not management's.</summary>
    public static bool IsSkewed(DateTimeOffset sentAt, DateTimeOffset now) => (now - sentAt).Duration() > MaxSkew;

    /// <summary>Begins a session: the answer that names it is written in the same transaction.</summary>
    /// <returns>Null when the host is refused.</returns>
    public async Task<HostView?> BeginSessionAsync(
        StartupRoutingCommand startup, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var nothing = await classes.EnsureAsync("", PciDeviceNames.None, cancellationToken);
        if (await hosts.ConnectAsync(startup, nothing, cancellationToken) is not { } host)
        {
            await RefuseAsync(startup, cancellationToken);
            return null;
        }

        // An announcement is the first report of its session, whatever the agent counted before.
        var report = startup.Report with { Session = host.Session, Sequence = 1 };
        var isNew = host.IsNew;
        await reports.StoreAsync(host, report, cancellationToken);
        await AlertOnSkewAsync(host, startup.SentAt, now, cancellationToken);
        var view = isNew && report.VirtualMachines is null or [] ? HostView.OfNew(host.Id) : await ViewAsync(host, report, cancellationToken);
        if (view.Strays.Count == 0) await hosts.MoveAsync(host, HeardAs(host, report), cancellationToken);
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
        return view;
    }

    /// <summary>A host that is not Up may run what nobody here knows of: it is Connecting until it has told what it runs.</summary>
    private static HostEvent HeardAs(Host host, HostReport report) => (host.Status, report.VirtualMachines) switch
    {
        (_, null) => HostEvent.AgentConnected,
        (HostStatus.Connecting, _) => HostEvent.Ready,
        _ => HostEvent.Ping,
    };

    private async Task RefuseAsync(StartupRoutingCommand startup, CancellationToken cancellationToken)
    {
        outbox.Add(EndpointNames.Agent(startup.Guid), new StartupAnswer
        {
            CommandId = startup.CommandId,
            Result = false,
            Details = "No such host has joined",
            Nonce = startup.Nonce,
        });
        await alerts.RaiseBoundedAsync(
            AlertType.HostRefused,
            HostManager.HasNotJoined(startup.Name),
            $"Its guid is {startup.Guid}. createHostJoinToken makes a token, with which \"Agent join\" makes it a host.",
            cancellationToken);
    }

    /// <summary>Stores a report; null when it is not of the host's current session.</summary>
    public async Task<HostView?> StoreReportAsync(PingRoutingCommand ping, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var host = await hosts.FindAsync(ping.HostGuid, cancellationToken);
        if (host is null || host.Session != ping.Report.Session) return null;
        // A later word of the agent came first, its farewell perhaps: this one says nothing of the host any more.
        if (reports.IsOvertaken(host, ping.Report)) return new HostView(host.Id, [], []);
        if (!await reports.IsUnchangedAsync(host.Id, ping.Report, cancellationToken))
        {
            await hosts.WriteCapacityAsync(host, cancellationToken);
            await reports.StoreAsync(host, ping.Report, cancellationToken);
        }

        await AlertOnSkewAsync(host, ping.SentAt, now, cancellationToken);
        var view = await ViewAsync(host, ping.Report, cancellationToken);
        var before = host.Status;
        if (host.Status != HostStatus.Up && view.Strays.Count == 0) await hosts.MoveAsync(host, HeardAs(host, ping.Report), cancellationToken);
        if (host.Status == HostStatus.Up && before != HostStatus.Up) outbox.Add(EndpointNames.Agent(host.Guid), Ready(host));
        return view;
    }

    /// <summary>The agent said farewell.</summary>
    public async Task DisconnectAsync(ShutdownCommand shutdown, CancellationToken cancellationToken)
    {
        var host = await hosts.FindAsync(shutdown.HostGuid, cancellationToken);
        if (host is null || host.Session != shutdown.Session) return;
        host.ReportSequence = Math.Max(host.ReportSequence, shutdown.Sequence);
        await hosts.LeaveAsync(host, shutdown, cancellationToken);
    }

    /// <summary>The agent of a session has no queue any more: it is not planned with until it speaks again.</summary>
    public async Task LoseAsync(string hostGuid, long session, CancellationToken cancellationToken)
    {
        var host = await hosts.FindAsync(hostGuid, cancellationToken);
        if (host is null || host.Session != session) return;
        await hosts.MoveAsync(host, HostEvent.AgentDisconnected, cancellationToken);
    }

    /// <summary>Compares what runs with what should; the differences are for Settle, which asks the host.</summary>
    private async Task<HostView> ViewAsync(Host host, HostReport report, CancellationToken cancellationToken)
    {
        var strays = await StraysOf.On(database)(database, host.Id, host.DeclaredDown is not null).ToListAsync(cancellationToken);
        var view = new HostView(host.Id, [.. strays.Select(vm => vm.Id)], []);
        if (report.VirtualMachines is not { } domains) return view with { Doubtful = [.. strays.Where(vm => vm.WorkflowId is null).Select(vm => vm.Id)] };

        var uuids = domains.Select(domain => domain.Uuid).ToList();
        var known = await Known.On(database)(database, host.Id, uuids).ToListAsync(cancellationToken);
        await alerts.SyncAsync(
            AlertType.UnknownDomain,
            host.Id,
            [.. domains.Where(domain => known.All(vm => vm.Uuid != domain.Uuid)).Select(domain =>
                ($"{host.Name} runs the domain {domain.Name}, which PciBus does not know", $"Its uuid is {domain.Uuid}. It is not touched."))],
            cancellationToken);
        // Whoever waits for this host, or has a copy here that nobody wants, is one of these yet.
        await alerts.KeepAsync(AlertType.WaitingForHost, host.Id, known.Where(vm => vm.WorkflowId is not null).Select(vm => vm.Id), cancellationToken);
        await alerts.KeepAsync(
            AlertType.VirtualMachineUnsettled,
            host.Id,
            known.Where(vm => vm.HostId != host.Id || vm.State == VirtualMachineState.Migrating).Select(vm => vm.Id),
            cancellationToken);
        var judged = known
            .Where(vm => vm.WorkflowId is null)
            .Where(vm => vm.AnswerHostId != host.Id
                || (report.Session, report.Sequence).CompareTo((vm.AnswerSession, vm.AnswerSequence)) > 0)
            .ToList();
        await reports.CompareAsync(
            host, [.. judged.Where(vm => vm.HostId == host.Id && vm.State == VirtualMachineState.Running && uuids.Contains(vm.Uuid))], cancellationToken);
        var doubtful = judged
            .Where(vm => (vm.HostId == host.Id && vm.State == VirtualMachineState.Running) != uuids.Contains(vm.Uuid))
            .Select(vm => vm.Id);
        // Back before anybody had looked: until it is settled what ran there, the host is one that was declared down.
        var lost = known.Where(vm => host.DeclaredDown is not null && vm.HostId == host.Id && vm.State == VirtualMachineState.Running && !uuids.Contains(vm.Uuid));
        return view with
        {
            Strays = [.. view.Strays, .. lost.Select(vm => vm.Id)],
            Doubtful = [.. doubtful.Union(strays.Where(vm => vm.WorkflowId is null).Select(vm => vm.Id))],
        };
    }

    private Task AlertOnSkewAsync(Host host, DateTimeOffset sentAt, DateTimeOffset now, CancellationToken cancellationToken) =>
        alerts.SyncAsync(
            AlertType.ClockSkew,
            host.Id,
            IsSkewed(sentAt, now)
                ? [($"{host.Name}: its clock is not management's", "They are more than 30 seconds apart. Nothing but time stamps depends on it.")]
                : [],
            cancellationToken);

    private static ReadyCommand Ready(Host host) => new()
    {
        CommandId = Guid.NewGuid(),
        HostId = host.Id,
        HostUuid = host.Uuid.ToString(),
        HostName = host.Name,
        Session = host.Session,
    };

    /// <summary>A virtual machine that has something of a host where it is not thought to be.</summary>
    private sealed record Stray(long Id, long? WorkflowId);
}
