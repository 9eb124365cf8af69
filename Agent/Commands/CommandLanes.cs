using PciBus.Agent.Registration;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Commands;

/// <summary>
/// The commands for one VM go through one lane, in order. Lanes run in parallel, as many at once as there are workers; graceful stops and
/// migrations have limits of their own. A Check and a cancellation do not wait. The agent answers every command, once for each time it
/// arrives.
/// </summary>
internal sealed partial class CommandLanes(
    AgentProperties properties,
    AgentSession session,
    CommandJournal journal,
    CommandExecutor executor,
    MigrationCanceller canceller,
    CommandAnswers answers,
    TimeProvider timeProvider,
    ILogger<CommandLanes> logger) : IDisposable
{
    /// <summary>How long commands may go on when the agent stops.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private static readonly CommandOutcome UnderWay = CommandOutcome.Failed("the command is under way");

    private readonly Lock _gate = new();
    private readonly CommandFence _fence = new();
    private readonly Dictionary<Guid, Lane> _lanes = [];
    private readonly EarlyCommands _early = new();
    private readonly WorkSlots _slots = new(properties);
    private readonly CancellationTokenSource _abandoned = new();
    private bool _closed;

    /// <summary>A command has come a step further.</summary>
    public event Action? Progressed;

    /// <summary>The progress of commands that go on for a while, without those that have touched nothing yet.</summary>
    public IReadOnlyList<CommandProgress> Progress
    {
        get
        {
            CommandProgress?[] all;
            lock (_gate) all = [.. _lanes.Values.Select(lane => lane.Executing?.Progress)];
            return [.. all.OfType<CommandProgress>().Where(progress => progress.Step != CommandStep.Checking)];
        }
    }

    /// <summary>From now on commands of this session are taken, and no others.</summary>
    /// <returns>The commands that came before the session did: the caller receives them again.</returns>
    public IReadOnlyList<VirtualMachineCommand> BeginSession(long number, TimeSpan pingInterval)
    {
        lock (_gate)
        {
            session.Begin(number, pingInterval);
            _fence.Clear();
            return _early.TakeAll();
        }
    }

    /// <summary>Takes a command: returns when it is in its lane, or answered if it need not go there.</summary>
    public async Task ReceiveAsync(VirtualMachineCommand command, CancellationToken cancellationToken)
    {
        CommandOutcome? outcome;
        bool underWay;
        lock (_gate)
        {
            if (_closed) return;
            if (session.Number == 0)
            {
                _early.Hold(command);
                return;
            }

            if (!Place(command, out outcome)) return;
            underWay = outcome == UnderWay || IsUnderWay(command.VmUuid);
        }

        if (command is CancelMigrationCommand cancel && outcome is null)
        {
            // Not awaited: a hypervisor that hangs must not hold up the commands that come after this one.
            _ = CancelAsync(cancel);
            return;
        }

        if (command is not CheckVirtualMachineCommand) LogLeft(command, outcome?.Details);
        await answers.SendAsync(command, outcome, () => underWay || IsUnderWayNow(command.VmUuid), cancellationToken);
    }

    /// <summary>Gives commands under way a short while to finish, and carries out nothing more.</summary>
    public async Task StopAsync()
    {
        List<Task> work;
        lock (_gate)
        {
            _closed = true;
            work = [.. _lanes.Values.Where(lane => lane.Executing is not null).Select(lane => lane.Work)];
            foreach (var lane in _lanes.Values) lane.Waiting.Clear();
        }

        using var patience = new CancellationTokenSource();
        await Task.WhenAny(Task.WhenAll(work), Task.Delay(Grace, timeProvider, patience.Token));
        patience.Cancel();
        Abandon();
    }

    /// <summary>Gives up the commands under way; their journal entries stay begun.</summary>
    public void Abandon()
    {
        lock (_gate)
        {
            _closed = true;
            foreach (var lane in _lanes.Values) lane.Waiting.Clear();
        }

        _abandoned.Cancel();
    }

    /// <summary>The slots stay usable: a lane that is left behind may still give its own back.</summary>
    public void Dispose() => Abandon();

    /// <returns>Whether the command can be answered now; otherwise it waits in its lane, and is answered when its turn has come.</returns>
    private bool Place(VirtualMachineCommand command, out CommandOutcome? outcome)
    {
        outcome = null;
        if (_lanes.TryGetValue(command.VmUuid, out var lane) && IsInLane(lane, command))
        {
            outcome = UnderWay;
            return true;
        }

        if (journal.FindRepeated(command) is { } last)
        {
            // A repeat raises the fence as the first copy did: a new session has lowered it.
            _fence.Admit(command, session.Number);
            outcome = last.Outcome;
            return true;
        }

        if (_fence.Admit(command, session.Number) is { } refusal)
        {
            outcome = CommandOutcome.Refused(refusal);
            return true;
        }

        if (command is CheckVirtualMachineCommand) outcome = CommandOutcome.Done();
        if (command is CheckVirtualMachineCommand or CancelMigrationCommand) return true;
        Enqueue(command);
        return false;
    }

    private bool IsInLane(Lane lane, VirtualMachineCommand command)
    {
        if (lane.Executing?.Command.CommandId == command.CommandId) return true;
        var index = lane.Waiting.FindIndex(waiting => waiting.CommandId == command.CommandId);
        if (index < 0) return false;
        // Sent again for a new session while the first copy still waits: the fence would refuse the first copy.
        if (_fence.Admit(command, session.Number) is null) lane.Waiting[index] = command;
        return true;
    }

    private void Enqueue(VirtualMachineCommand command)
    {
        if (_lanes.TryGetValue(command.VmUuid, out var lane))
        {
            lane.Waiting.Add(command);
            // A forced stop takes effect at once: the command under way waits for the guest no more.
            if (command is StopCommand { ForceStop: true }) lane.Executing?.GiveUp("superseded: a forced stop has come");
            return;
        }

        lane = new Lane(command.VmUuid) { Waiting = { command } };
        _lanes.Add(command.VmUuid, lane);
        lane.Work = WorkAsync(lane);
    }

    private async Task WorkAsync(Lane lane)
    {
        // The command is acknowledged when it is in its lane, not when it has been carried out.
        await Task.Yield();
        try
        {
            while (Next(lane) is { } next)
            {
                // Not cancelled: a lane that waits here when the agent ends is left behind with it.
                var slots = _slots.Of(next);
                await slots.WaitAsync(CancellationToken.None);
                try
                {
                    await CarryOutAsync(lane, _abandoned.Token);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    // The lane goes on with the next command; management asks what became of this one.
                    LogFailed(session.HostGuid, next.CommandId, lane.VmUuid, e);
                }
                finally
                {
                    slots.Release();
                }
            }
        }
        catch (OperationCanceledException) when (_abandoned.IsCancellationRequested)
        {
            LogAbandoned(session.HostGuid, lane.VmUuid);
        }
    }

    private async Task CancelAsync(CancelMigrationCommand command)
    {
        RunningCommand? running;
        lock (_gate) running = _lanes.GetValueOrDefault(command.VmUuid)?.Executing;
        try
        {
            var outcome = await canceller.CancelAsync(command.VmUuid, running, _abandoned.Token);
            await answers.SendAsync(command, outcome, () => IsUnderWayNow(command.VmUuid), _abandoned.Token);
        }
        catch (OperationCanceledException) when (_abandoned.IsCancellationRequested)
        {
            LogAbandoned(session.HostGuid, command.VmUuid);
        }
        catch (Exception e)
        {
            LogFailed(session.HostGuid, command.CommandId, command.VmUuid, e);
        }
    }

    private VirtualMachineCommand? Next(Lane lane)
    {
        lock (_gate)
        {
            if (lane.Waiting.Count > 0) return lane.Waiting[0];
            _lanes.Remove(lane.VmUuid);
            return null;
        }
    }

    private async Task CarryOutAsync(Lane lane, CancellationToken cancellationToken)
    {
        VirtualMachineCommand command;
        RunningCommand? running = null;
        string? refusal;
        lock (_gate)
        {
            // Asked again, as a Check with a higher number or a new session may have come while the command waited. From here until the
            // command is done, every look at this VM shows that a command is under way.
            if (lane.Waiting.Count == 0) return;
            command = lane.Waiting[0];
            lane.Waiting.RemoveAt(0);
            refusal = _fence.Refusal(command, session.Number);
            if (refusal is null) lane.Executing = running = new RunningCommand(command, timeProvider, () => Progressed?.Invoke());
        }

        if (refusal is not null) LogLeft(command, refusal);
        CommandOutcome outcome;
        try
        {
            outcome = running is null ? CommandOutcome.Refused(refusal!) : await executor.ExecuteAsync(running, cancellationToken);
        }
        finally
        {
            lock (_gate) lane.Executing = null;
        }

        if (refusal is null && outcome.NotBegun)
        {
            lock (_gate) _fence.Bar(command);
        }

        cancellationToken.ThrowIfCancellationRequested();
        await answers.SendAsync(command, outcome, () => IsUnderWayNow(command.VmUuid), cancellationToken);
    }

    private bool IsUnderWayNow(Guid vmUuid)
    {
        lock (_gate) return IsUnderWay(vmUuid);
    }

    /// <summary>Whether a command for this VM is under way, or a waiting StartCommand will pass and could make a domain.</summary>
    private bool IsUnderWay(Guid vmUuid) =>
        _lanes.TryGetValue(vmUuid, out var lane)
        && (lane.Executing is not null
            || lane.Waiting.Any(waiting => waiting is StartCommand
                && _fence.Refusal(waiting, session.Number) is null));

    private void LogLeft(VirtualMachineCommand command, string? why) =>
        LogNotCarriedOut(session.HostGuid, command.GetType().Name, command.CommandId, command.VmUuid, why ?? "it came before");

    [LoggerMessage(2001, LogLevel.Information, "{HostGuid}: the agent ends, a command for VM {VmUuid} is left as it is")]
    private partial void LogAbandoned(string hostGuid, Guid vmUuid);

    [LoggerMessage(2003, LogLevel.Information, "{HostGuid}: {Command} {CommandId} for VM {VmUuid} changes nothing: {Why}")]
    private partial void LogNotCarriedOut(string hostGuid, string command, Guid commandId, Guid vmUuid, string why);

    [LoggerMessage(2002, LogLevel.Error, "{HostGuid}: command {CommandId} for VM {VmUuid} failed in its lane")]
    private partial void LogFailed(string hostGuid, Guid commandId, Guid vmUuid, Exception exception);
}
