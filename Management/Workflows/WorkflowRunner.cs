using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Persistence;

namespace PciBus.Management.Workflows;

/// <summary>
/// Runs workflows, each event in a transaction of its own. A transaction that loses a race decides again on fresh data. A refusal for good
/// is fed to the workflow as it was before.
/// </summary>
internal sealed partial class WorkflowRunner(
    DatabaseTransactions transactions, WorkflowQueries workflows, ILogger<WorkflowRunner> logger)
{
    /// <summary>Begins a workflow, with its virtual machine and its job when they are new.</summary>
    public Task<StepOutcome> BeginAsync(WorkflowRequest request, CancellationToken cancellationToken) =>
        StepAsync((stepper, context) => stepper.BeginAsync(request, context), cancellationToken);

    /// <summary>Feeds an event to a workflow; a workflow that has ended takes no notice.</summary>
    public Task FeedAsync(long workflowId, WorkflowEvent @event, CancellationToken cancellationToken) =>
        StepAsync((stepper, context) => stepper.FeedAsync(workflowId, @event, context), cancellationToken);

    /// <summary>Feeds an event to the workflows that wait for a host.</summary>
    /// <inheritdoc cref="WorkflowQueries.AwaitingAsync" path="/param"/>
    public async Task FeedAwaitingAsync(long hostId, bool parkedOnly, WorkflowEvent @event, CancellationToken cancellationToken) =>
        await FeedEachAsync(await workflows.AwaitingAsync(hostId, parkedOnly, cancellationToken), @event, cancellationToken);

    /// <summary>Feeds an event to many workflows. The failure of a workflow is logged, and does not hold up the others.</summary>
    public async Task FeedEachAsync(IEnumerable<long> workflowIds, WorkflowEvent @event, CancellationToken cancellationToken)
    {
        foreach (var workflowId in workflowIds)
        {
            try
            {
                await FeedAsync(workflowId, @event, cancellationToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogNotFed(exception, workflowId, @event.Kind);
            }
        }
    }

    /// <summary>Feeds an agent's answer to the workflow that waits for it.</summary>
    /// <returns>False when the answer is of another session of its host.</returns>
    public async Task<bool> AnswerAsync(VirtualMachineAnswer answer, CancellationToken cancellationToken) =>
        !(await StepAsync((stepper, context) => stepper.AnswerAsync(answer, context), cancellationToken)).StaleSession;

    /// <summary>Tells the workflow that waits for a command, unless it has sent it again, that it reached nobody.</summary>
    public Task UndeliveredAsync(VirtualMachineCommand command, CancellationToken cancellationToken) =>
        StepAsync((stepper, context) => stepper.UndeliveredAsync(command, context), cancellationToken);

    private async Task<StepOutcome> StepAsync(
        Func<WorkflowStepper, StepContext, Task<StepOutcome>> work, CancellationToken cancellationToken)
    {
        var outcome = await DecideAsync(work, cancellationToken);
        // The successor begins in its own transaction. Should that not happen, its deadline has passed already.
        if (outcome.HandedOverTo is { } next) await FeedAsync(next, new Begun(), cancellationToken);
        return outcome;
    }

    private async Task<StepOutcome> DecideAsync(
        Func<WorkflowStepper, StepContext, Task<StepOutcome>> work, CancellationToken cancellationToken)
    {
        var refusals = new List<Refusal>();
        var outcome = await RunAsync(null);
        if (outcome.Refusal is not { } refusal) return outcome;
        // Refused for good: the workflow decides what to do about it on the state that is in the database.
        var last = await RunAsync(new Refused(refusal, outcome.Refused!));
        return last.Refusal is null ? last : throw new InvalidOperationException($"Refused twice: {refusal.Text}; {last.Refusal.Text}");

        Task<StepOutcome> RunAsync(Refused? after) => transactions.RunAsync<WorkflowStepper, StepOutcome>(
            stepper => work(stepper, new StepContext(refusals, after, cancellationToken)),
            result =>
            {
                if (result.Refusal is null) return UnitOutcome.Commit;
                refusals.Add(result.Refusal);
                return result.Refusal.LostRace ? UnitOutcome.RunAgain : UnitOutcome.RollBack;
            },
            cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Workflow {WorkflowId} could not take {Event}; it is tried again")]
    private partial void LogNotFed(Exception exception, long workflowId, WorkflowEventKind @event);
}
