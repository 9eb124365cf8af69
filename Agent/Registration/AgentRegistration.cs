using System.Reflection;
using PciBus.Agent.Commands;
using PciBus.Agent.Hypervisor;
using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Registration;

/// <summary>
/// Announces the host until management answers with a session, and then reports at each ping interval, and at once when
/// something changed. Forgotten by management, or after a reboot of the host, it announces again.
/// </summary>
internal sealed partial class AgentRegistration(
    AgentProperties properties,
    AgentSession session,
    HostReporter reporter,
    CommandLanes lanes,
    IHypervisor hypervisor,
    IManagementLink link,
    TimeProvider timeProvider,
    Func<Guid> newGuid,
    ILogger<AgentRegistration> logger)
{
    /// <summary>Seconds; a timer does not take every number that may come.</summary>
    private const int LongestPingInterval = 86_400;

    /// <summary>
    /// An announcement that the broker has waits for its turn, among thousands of others at times: more of them help nobody.
    /// </summary>
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LastWait = TimeSpan.FromSeconds(80);

    /// <summary>One that could not be sent is tried again soon.</summary>
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);
    private static readonly string AgentVersion =
        typeof(AgentRegistration).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    private readonly WakeUp _wakeUp = new(timeProvider);
    private readonly Lock _gate = new();
    private Guid _nonce;
    private string _bootId = "";

    /// <summary>Something of the host has changed, or management wants to know: it is told at once.</summary>
    public void HostChanged() => _wakeUp.Set();

    /// <summary>The way to management is a new one, and what was on the old one may be lost: a new session begins.</summary>
    public void Connected()
    {
        session.End(session.Number);
        _wakeUp.Set();
    }

    /// <summary>Announces and reports until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var wait = FirstWait;
        var changed = false;
        while (true)
        {
            var registered = session.Number > 0;
            var sent = true;
            try
            {
                registered = registered ? await PingAsync(changed, cancellationToken) : await AnnounceAsync(cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                LogNotSent(properties.Guid, e.Message);
                sent = false;
            }

            changed = await _wakeUp.WaitAsync(registered ? session.PingInterval : sent ? wait : Retry, cancellationToken);
            wait = registered || changed || !sent ? FirstWait : TimeSpan.FromTicks(Math.Min(wait.Ticks * 2, LastWait.Ticks));
        }
    }

    public async Task HandleAsync(StartupAnswer answer, CancellationToken cancellationToken)
    {
        IReadOnlyList<VirtualMachineCommand> early;
        lock (_gate)
        {
            // Each announcement has a nonce of its own and management a session for each: an answer to an older one names a
            // session that is over.
            if (answer.Nonce == Guid.Empty || answer.Nonce != _nonce)
            {
                LogForeignAnswer(properties.Guid, answer.Session);
                return;
            }

            if (!answer.Result)
            {
                LogRefused(properties.Guid, answer.Details);
                return;
            }

            _nonce = Guid.Empty;
            early = lanes.BeginSession(answer.Session, TimeSpan.FromSeconds(Math.Clamp(answer.PingInterval, 1, LongestPingInterval)));
        }

        LogRegistered(properties.Guid, answer.Session, answer.HostId);
        _wakeUp.Set();
        await Task.WhenAll(early.Select(command => lanes.ReceiveAsync(command, cancellationToken)));
    }

    public void Handle(PingAnswer answer)
    {
        if (!answer.SendStartup || answer.Session != session.Number || answer.Session == 0) return;
        LogForgotten(properties.Guid, answer.Session);
        session.End(answer.Session);
        _wakeUp.Set();
    }

    public void Handle(ReadyCommand command) => LogReady(properties.Guid, command.HostId);

    /// <summary>Says good-bye: the agent stops, its VMs go on.</summary>
    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        var (number, sequence) = session.Next();
        try
        {
            await link.SendAsync(
                new ShutdownCommand
                {
                    CommandId = newGuid(),
                    Reason = ShutdownCommand.SigKill,
                    HostGuid = properties.Guid,
                    Session = number,
                    Sequence = sequence,
                },
                cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotSent(properties.Guid, e.Message);
        }
    }

    private async Task<bool> AnnounceAsync(CancellationToken cancellationToken)
    {
        var report = await reporter.LookAsync(cancellationToken);
        var capacity = hypervisor.Capacity;
        var command = new StartupRoutingCommand
        {
            CommandId = newGuid(),
            DataCenter = properties.Zone,
            Pod = properties.Pod,
            Cluster = properties.Cluster,
            Guid = properties.Guid,
            Name = properties.Name,
            Machine = properties.MachineId ?? await hypervisor.GetMachineIdAsync(cancellationToken),
            Version = AgentVersion,
            PrivateIpAddress = properties.PrivateIpAddress,
            Cpus = capacity.Cpus,
            Speed = capacity.Speed,
            Memory = capacity.Memory,
            Caps = "hvm",
            HypervisorVersion = hypervisor.Version,
            HostTags = properties.HostTags,
            Nonce = newGuid(),
            PreviousSession = session.Previous,
            SentAt = timeProvider.GetUtcNow(),
            OtherPciDevices = await reporter.ListOthersAsync(report, cancellationToken),
            Report = report with { Session = 0 },
        };
        lock (_gate) (_nonce, _bootId) = (command.Nonce, report.BootId);
        await link.SendAsync(command, cancellationToken);
        return false;
    }

    private async Task<bool> PingAsync(bool outOfBand, CancellationToken cancellationToken)
    {
        var report = await reporter.LookAsync(cancellationToken);
        if (report.BootId.Length > 0 && report.BootId != _bootId)
        {
            LogRebooted(properties.Guid, _bootId, report.BootId);
            session.End(report.Session);
            return await AnnounceAsync(cancellationToken);
        }

        await link.SendAsync(
            new PingRoutingCommand
            {
                CommandId = newGuid(),
                HostGuid = properties.Guid,
                OutOfBand = outOfBand,
                SentAt = timeProvider.GetUtcNow(),
                Report = report,
                Progress = lanes.Progress,
            },
            cancellationToken);
        return true;
    }

    [LoggerMessage(1001, LogLevel.Information, "{HostGuid}: registered, session {Session}, host id {HostId}")]
    private partial void LogRegistered(string hostGuid, long session, long hostId);

    [LoggerMessage(1002, LogLevel.Warning, "{HostGuid}: management refuses this host: {Reason}")]
    private partial void LogRefused(string hostGuid, string? reason);

    [LoggerMessage(1003, LogLevel.Debug, "{HostGuid}: answer to another announcement ignored, session {Session}")]
    private partial void LogForeignAnswer(string hostGuid, long session);

    [LoggerMessage(1004, LogLevel.Information, "{HostGuid}: management does not know session {Session}, announcing again")]
    private partial void LogForgotten(string hostGuid, long session);

    [LoggerMessage(1005, LogLevel.Information, "{HostGuid}: up as host id {HostId}")]
    private partial void LogReady(string hostGuid, long hostId);

    [LoggerMessage(1006, LogLevel.Warning, "{HostGuid}: the host rebooted, boot id {Before} became {BootId}; announcing again")]
    private partial void LogRebooted(string hostGuid, string before, string bootId);

    [LoggerMessage(1007, LogLevel.Warning, "{HostGuid}: could not reach management: {Reason}")]
    private partial void LogNotSent(string hostGuid, string reason);
}
