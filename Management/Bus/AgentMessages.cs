using MassTransit;
using PciBus.Contracts;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Liveness;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.Workflows;

namespace PciBus.Management.Bus;

/// <summary>What management does about each message of an agent. Any of them may come late, twice, or from another session.</summary>
internal sealed partial class AgentMessages(
    DatabaseTransactions transactions,
    WorkflowRunner runner,
    HostReportQueries reports,
    HostLiveness liveness,
    IMessageSender sender,
    TimeProvider time,
    ILogger<AgentMessages> logger) : IUndeliveredListener
{
    public async Task StartupAsync(StartupRoutingCommand startup, CancellationToken cancellationToken)
    {
        var findings = await transactions.RunAsync(
            (HostSessionManager sessions) => sessions.BeginSessionAsync(startup, time.GetUtcNow(), cancellationToken),
            cancellationToken);
        if (findings is null)
        {
            LogRefused(startup.Name, startup.Guid);
            return;
        }

        LogConnected(findings.HostId, startup.Name, startup.Report.PciDevices?.Count ?? 0);
        await runner.FeedAwaitingAsync(findings.HostId, parkedOnly: false, new AgentSession(findings.HostId), cancellationToken);
        await FollowAsync(findings, cancellationToken);
    }

    public async Task PingAsync(PingRoutingCommand ping, CancellationToken cancellationToken)
    {
        if (ping.Progress.Count > 0)
        {
            await transactions.RunAsync(
                (WorkflowProgressManager progress) => progress.NoteAsync(ping, cancellationToken), cancellationToken);
        }

        if (await reports.FindAgreeingAsync(ping, time.GetUtcNow(), cancellationToken) is { } hostId)
        {
            liveness.Hear(hostId, ping.Report);
            return;
        }

        var findings = await transactions.RunAsync(
            (HostSessionManager sessions) => sessions.StoreReportAsync(ping, time.GetUtcNow(), cancellationToken), cancellationToken);
        if (findings is null)
        {
            await AskForStartupAsync(ping.HostGuid, ping.Report.Session, cancellationToken);
            return;
        }

        if (!liveness.Hear(findings.HostId, ping.Report)) return;
        await runner.FeedAwaitingAsync(findings.HostId, parkedOnly: true, new Observed(findings.HostId), cancellationToken);
        await FollowAsync(findings, cancellationToken);
    }

    public Task ShutdownAsync(ShutdownCommand shutdown, CancellationToken cancellationToken)
    {
        LogFarewell(shutdown.HostGuid, shutdown.Session, shutdown.Reason, shutdown.Detail ?? "");
        return transactions.RunAsync(
            (HostConnectionManager connections) => connections.DisconnectAsync(shutdown, cancellationToken), cancellationToken);
    }

    public async Task AnswerAsync(VirtualMachineAnswer answer, CancellationToken cancellationToken)
    {
        if (!await runner.AnswerAsync(answer, cancellationToken))
        {
            await AskForStartupAsync(answer.HostGuid, answer.Session, cancellationToken);
        }
    }

    public Task AnswerAsync(ResetPciDeviceAnswer answer, CancellationToken cancellationToken) => transactions.RunAsync(
        (PciDeviceQuarantineManager quarantine) => quarantine.AnswerAsync(answer, cancellationToken), cancellationToken);

    /// <summary>
    /// A message has reached no agent. Only for a command of a virtual machine a workflow waits; everything else is asked for again by
    /// itself.
    /// </summary>
    public async Task UndeliveredAsync(string destination, object message, CancellationToken cancellationToken)
    {
        var session = message switch
        {
            VirtualMachineCommand command => command.Session,
            CheckHealthCommand check => check.Session,
            PingAnswer { SendStartup: true } ask => ask.Session,
            _ => 0,
        };
        if (session == 0) return;
        await transactions.RunAsync(
            (HostConnectionManager connections) => connections.LoseAsync(EndpointNames.HostGuid(destination), session, cancellationToken),
            cancellationToken);
        if (message is VirtualMachineCommand undelivered) await runner.UndeliveredAsync(undelivered, cancellationToken);
    }

    public Task UnreadableAsync(long rowId, string messageType, string destination, CancellationToken cancellationToken) =>
        transactions.RunAsync(
        (AlertManager alerts) => alerts.RaiseBoundedAsync(
            AlertType.DeadLetter,
            $"Row {rowId} of the outbox cannot be sent to {destination}",
            $"This version of management cannot read it: {messageType}. A newer one has written it, or it is damaged. It is tried again "
            + "each day; to give it up, delete the row from outbox_message. What waits for an answer to it asks again by itself.",
            cancellationToken),
        cancellationToken);

    private async Task FollowAsync(ReportFindings findings, CancellationToken cancellationToken)
    {
        await runner.FeedEachAsync(findings.Sighted, new Sighted(findings.HostId), cancellationToken);
        foreach (var vmId in findings.Doubtful)
        {
            await runner.BeginAsync(WorkflowRequest.Settle(vmId, findings.HostId, "the host reported otherwise"), cancellationToken);
        }
    }

    private async Task AskForStartupAsync(string hostGuid, long session, CancellationToken cancellationToken)
    {
        LogUnknownSession(hostGuid, session);
        await sender.SendAsync(
            EndpointNames.Agent(hostGuid), new PingAnswer { Result = true, SendStartup = true, Session = session }, cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Host {HostId} ({HostName}) announced itself with {Devices} devices")]
    private partial void LogConnected(long hostId, string hostName, int devices);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{HostName} ({HostGuid}) announced itself and is refused; an alert says why")]
    private partial void LogRefused(string hostName, string hostGuid);

    [LoggerMessage(
        Level = LogLevel.Information, Message = "The agent of host {HostGuid} says good-bye in session {Session}: {Reason} {Detail}")]
    private partial void LogFarewell(string hostGuid, long session, string reason, string detail);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "A message of session {Session} of host {HostGuid} was dropped; it is asked to announce itself")]
    private partial void LogUnknownSession(string hostGuid, long session);
}

internal sealed class PingRoutingConsumer(AgentMessages messages) : IConsumer<PingRoutingCommand>
{
    public Task Consume(ConsumeContext<PingRoutingCommand> context) => messages.PingAsync(context.Message, context.CancellationToken);
}

internal sealed class ResetPciDeviceAnswerConsumer(AgentMessages messages) : IConsumer<ResetPciDeviceAnswer>
{
    public Task Consume(ConsumeContext<ResetPciDeviceAnswer> context) => messages.AnswerAsync(context.Message, context.CancellationToken);
}

internal sealed class ShutdownConsumer(AgentMessages messages) : IConsumer<ShutdownCommand>
{
    public Task Consume(ConsumeContext<ShutdownCommand> context) => messages.ShutdownAsync(context.Message, context.CancellationToken);
}

internal sealed class StartupRoutingConsumer(AgentMessages messages) : IConsumer<StartupRoutingCommand>
{
    public Task Consume(ConsumeContext<StartupRoutingCommand> context) => messages.StartupAsync(context.Message, context.CancellationToken);
}
