using Microsoft.EntityFrameworkCore;
using Newtonsoft.Json;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Jobs;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Workflows;

/// <summary>
/// One step of a workflow inside one transaction: load, decide, carry out, until nothing more comes of it. The runner
/// commits it, or rolls it back and tries again.
/// </summary>
internal sealed partial class WorkflowStepper(
    PciBusDbContext database,
    WorkflowDefinitions definitions,
    WorkflowEffects effects,
    VirtualMachineManager virtualMachines,
    AsyncJobManager jobs,
    TimeProvider time,
    ILogger<WorkflowStepper> logger)
{
    private static readonly CompiledQuery<long, Workflow?> ById = new((database, id, _) =>
        database.Set<Workflow>().Include(row => row.Awaited).SingleOrDefault(row => row.Id == id));

    private static readonly CompiledQuery<Guid, Workflow?> ByCommand = new((database, commandId, _) =>
        database.Set<WorkflowCommand>().Where(command => command.CommandId == commandId)
            .Join(database.Set<Workflow>(), command => command.WorkflowId, row => row.Id, (_, row) => row)
            .Include(row => row.Awaited)
            .SingleOrDefault());

    private static readonly CompiledQuery<long, Workflow?> NextInLine = new((database, vmId, _) =>
        database.Set<Workflow>().Where(row => row.VmId == vmId && row.Waiting).OrderBy(row => row.Id).FirstOrDefault());

    /// <summary>Adds a workflow. It begins at once, or waits behind the workflow that holds the virtual machine.</summary>
    public async Task<StepOutcome> BeginAsync(WorkflowRequest request, StepContext context)
    {
        var vm = request.NewVm is null
            ? await virtualMachines.LoadAsync(request.VmId, context.CancellationToken)
            : await virtualMachines.CreateAsync(request.NewVm(), context.CancellationToken);
        var isWanted = request.OnlyIf?.Invoke(vm) != false
            && (request.OnlyWhile is null || await request.OnlyWhile(database, context.CancellationToken));
        if (!isWanted) return new StepOutcome { VmId = vm.Id, VmUuid = vm.Uuid };
        var job = request.Job is null ? null : jobs.Begin(request.Job, JobInstanceType.VirtualMachine, vm.Id);
        var row = new Workflow
        {
            Kind = request.Kind,
            VmId = vm.Id,
            Waiting = vm.WorkflowId is not null,
            Step = definitions[request.Kind].FirstStep,
            Document = JsonConvert.SerializeObject(request.Document),
            Created = time.GetUtcNow(),
        };
        if (row.Waiting) row.Deadline = row.Created + definitions.Options.JobTimeout;
        else if (request.HoldBack) row.Deadline = row.Created;
        database.Add(row);
        await database.SaveChangesAsync(context.CancellationToken);
        row.JobId = job?.Id;
        var outcome = new StepOutcome { VmId = vm.Id, VmUuid = vm.Uuid, JobUuid = job?.Uuid, WorkflowId = row.Id };
        // Also when it only waits: a workflow that ends at this moment must see it, or one of the two transactions is done again.
        await virtualMachines.LockAsync(vm, vm.WorkflowId ?? row.Id, context.CancellationToken);
        if (!row.Waiting) return request.HoldBack ? outcome : await StepAsync(outcome, row, vm, new Begun(), context);
        if (!request.Urgent) return outcome;
        var holder = await HolderAsync(vm, context);
        var cancel = new Cancel($"{request.Job?.Description ?? request.Kind.ToString()} was asked for")
        {
            ToEnd = request.Kind is WorkflowKind.StopVirtualMachine or WorkflowKind.DestroyVirtualMachine,
        };
        return await StepAsync(outcome, holder, vm, cancel, context);
    }

    /// <summary>
    /// Feeds an event to a workflow. A workflow that has ended takes no event, a workflow that still waits only its own deadline. The event
    /// is also dropped when another server has seen the deadline pass and moved it on, or when the workflow waits for that host no longer.
    /// </summary>
    public async Task<StepOutcome> FeedAsync(long workflowId, WorkflowEvent @event, StepContext context)
    {
        var row = await ById.ReadAsync(database, workflowId, context.CancellationToken);
        if (row is null || (@event is Overdue && !(row.Deadline <= time.GetUtcNow()))) return new StepOutcome();
        if (@event is Overdue) @event = new Overdue { HostId = row.OverdueHostId };
        if (row.Waiting && @event is not Overdue) return new StepOutcome();
        if (@event is AwaitedHostEvent of && !await HoldsAsync(of, row, context)) return new StepOutcome();
        var vm = await virtualMachines.LoadAsync(row.VmId, context.CancellationToken);
        if (!row.Waiting) return await StepAsync(new StepOutcome(), row, vm, @event, context);
        await GiveUpAsync(row, vm, context);
        return new StepOutcome();
    }

    /// <summary>Feeds an agent's answer to the workflow that waits for it.</summary>
    public async Task<StepOutcome> AnswerAsync(VirtualMachineAnswer answer, StepContext context)
    {
        var row = await ByCommand.ReadAsync(database, answer.CommandId, context.CancellationToken);
        var host = await HostManager.ByGuid.ReadAsync(database, answer.HostGuid, context.CancellationToken);
        if (host is null || host.Session != answer.Session) return new StepOutcome { StaleSession = true };
        var isAboutAnOlderCopy = answer.NotBegun && (answer.CommandSession ?? host.Session) != host.Session;
        var awaited = row?.Awaited.Find(one => one.CommandId == answer.CommandId && one.HostId == host.Id);
        if (row is null || awaited is null || isAboutAnOlderCopy)
        {
            LogNobodyWaits(answer.CommandId, host.Id);
            return new StepOutcome();
        }

        var vm = await virtualMachines.LoadAsync(row.VmId, context.CancellationToken);
        VirtualMachineManager.NoteAnswer(vm, host.Id, answer.Session, answer.Sequence);
        var owned = await PciDeviceManager.OwnedBy.On(database)(database, vm.Id, host.Id).ToListAsync(context.CancellationToken);
        var answered = new Answered(
            host.Id, host.Name, answer.Session, answer.Sequence, answer.Result, answer.NotBegun, answer.Observed, answer.Details,
            answer.Cleaned)
        {
            Status = answer.Status,
            PciDevices = answer.PciDevices,
            LacksDevices = answer is { Observed: Observation.Running, PciDevices: { } present }
                && owned.Exists(device => !present.Contains(device.Address)),
            DeviceOutcomes = answer.DeviceOutcomes,
            MigrationUri = (answer as PrepareForMigrationAnswer)?.MigrationUri,
            GuestPlaces = (answer as MigrateAnswer)?.GuestPlaces ?? [],
            IsOnlyCopy = !answer.NotBegun || CommandWriter.IsOnlyCopy(awaited),
            HasOwnDevices = HasOwnDevices(answer, owned),
            StartedBy = answer.PciDevices?.All(present => owned.Exists(device => device.Address == present)) == true
                ? answer.StartedBy
                : null,
            HasCleaned = answer.Observed != Observation.Off
                || owned.All(device => answer.Cleaned.Any(cleaning => cleaning.Address == device.Address)),
        };
        return await StepAsync(new StepOutcome(), row, vm, answered, context);
    }

    private static bool? HasOwnDevices(VirtualMachineAnswer answer, List<PciDevice> owned)
    {
        if (answer.Observed != Observation.Running) return null;
        // The start has just made the domain, as its answer says.
        if (answer is StartAnswer { Result: true }) return true;
        if (owned.Count == 0) return true;
        return answer.PciDevices is { } present ? owned.Any(device => present.Contains(device.Address)) : null;
    }

    /// <summary>Tells the workflow that waits for a command that the command has reached nobody.</summary>
    public async Task<StepOutcome> UndeliveredAsync(VirtualMachineCommand command, StepContext context)
    {
        var row = await ByCommand.ReadAsync(database, command.CommandId, context.CancellationToken);
        var awaited = row?.Awaited.Find(one => one.CommandId == command.CommandId);
        if (row is null || awaited is null || !CommandWriter.IsOnlyCopy(awaited, command)) return new StepOutcome();
        var vm = await virtualMachines.LoadAsync(row.VmId, context.CancellationToken);
        return await StepAsync(new StepOutcome(), row, vm, new Undelivered(awaited.HostId), context);
    }

    private async Task<StepOutcome> StepAsync(
        StepOutcome outcome, Workflow row, VirtualMachine vm, WorkflowEvent @event, StepContext context)
    {
        var definition = definitions[row.Kind];
        var waitedFor = row.ParkedOn;
        for (var next = context.After ?? @event; next is not null;)
        {
            var facts = await FactsAsync(row, vm, next, context);
            var decision = definition.Decide(row.Step, row.Document, facts, next);
            if (decision.IgnoredBecause is not null) LogIgnored(row.Id, row.Kind, row.Step, next.Kind, vm.Id, decision.IgnoredBecause);
            else LogDecided(row.Id, row.Kind, row.Step, next.Kind, decision.Next ?? "ended", vm.Id);
            (row.Step, row.Document) = (decision.Next ?? row.Step, decision.Document);
            row.Version++;
            next = null;
            foreach (var effect in decision.Effects)
            {
                var result = await effects.CarryOutAsync(effect, row, vm, context);
                if (result.Refusal is not null) return outcome with { Refusal = result.Refusal, Refused = @event };
                next = result.Event ?? next;
            }

            row.Summarize();
            if (decision.Next is not null) continue;
            await effects.EndWaitAsync(vm, waitedFor, context.CancellationToken);
            return outcome with { HandedOverTo = await EndAsync(row, vm, context) };
        }

        await effects.EndWaitAsync(vm, waitedFor.Except(row.ParkedOn), context.CancellationToken);
        return outcome;
    }

    /// <summary>Whether the workflow waits for that host, and the host is still as the event says.</summary>
    private async Task<bool> HoldsAsync(AwaitedHostEvent @event, Workflow row, StepContext context) =>
        row.Awaited.Exists(one => one.HostId == @event.HostId)
        && (@event is not HostDown || (await database.RowAsync<Host>(@event.HostId, context.CancellationToken)).Status == HostStatus.Down);

    /// <exception cref="DbUpdateConcurrencyException">The workflow has ended since the virtual machine was read.</exception>
    private async Task<Workflow> HolderAsync(VirtualMachine vm, StepContext context) =>
        (vm.WorkflowId is { } id ? await ById.ReadAsync(database, id, context.CancellationToken) : null)
        ?? throw new DbUpdateConcurrencyException($"The workflow that held {vm.Name} has just ended");

    /// <summary>Gives up a workflow that waited for as long as a job may last, and of which nothing was begun.</summary>
    private async Task GiveUpAsync(Workflow row, VirtualMachine vm, StepContext context)
    {
        var holder = await HolderAsync(vm, context);
        var hostName = holder.Awaited is [var awaited, ..]
            ? (await database.RowAsync<Host>(awaited.HostId, context.CancellationToken)).Name
            : "its host";
        if (row.JobId is { } jobId)
        {
            await jobs.EndAsync(
                jobId,
                new Refusal(RefusalCause.OperationTimedOut, $"{vm.Name} is {vm.State} and waits for {hostName}: {row.Kind} was not begun"),
                context.CancellationToken);
        }

        database.Remove(row);
        // A workflow that ends at this moment must see that there is none behind it.
        await virtualMachines.LockAsync(vm, holder.Id, context.CancellationToken);
    }

    /// <summary>Ends a workflow: its row goes, and the oldest workflow that waits holds the virtual machine from now on.</summary>
    private async Task<long?> EndAsync(Workflow row, VirtualMachine vm, StepContext context)
    {
        database.Remove(row);
        var successor = await NextInLine.ReadAsync(database, vm.Id, context.CancellationToken);
        await virtualMachines.LockAsync(vm, successor?.Id, context.CancellationToken);
        if (successor is null) return null;
        successor.Waiting = false;
        successor.Deadline = time.GetUtcNow();
        successor.Version++;
        return successor.Id;
    }

    /// <summary>The awaited host: the host of the event if the workflow waits for it, else the first that it waits for.</summary>
    private async Task<WorkflowFacts> FactsAsync(Workflow row, VirtualMachine vm, WorkflowEvent @event, StepContext context)
    {
        var awaited = row.Awaited.Find(one => one.HostId == @event.About) ?? row.Awaited.FirstOrDefault();
        var from = vm.State == VirtualMachineState.Migrating ? vm.LastHostId : null;
        var hosts = new List<Host>();
        foreach (var hostId in new[] { awaited?.HostId, vm.HostId, from }.OfType<long>().Distinct())
        {
            hosts.Add(await database.RowAsync<Host>(hostId, context.CancellationToken));
        }

        var host = hosts.Find(one => one.Id == awaited?.HostId);
        var wasDown = host?.DeclaredDown is not null;
        return new WorkflowFacts(
            time.GetUtcNow(), definitions.Options, vm.Name, vm.State, vm.HostId, host?.Id, host?.Name, awaited is { Deadline: null })
        {
            MigratingFrom = from,
            AwaitedUntil = awaited?.Deadline,
            Hosts = [.. hosts.Select(one => new HostFacts(one.Id, one.Name, one.Session, one.Status == HostStatus.Down))],
            AwaitingHostWasDown = wasDown,
            // No workflow asks this about a host that was not declared down.
            AwaitingHostHolds = wasDown && await HoldsAsync(host!.Id, vm.Id, context.CancellationToken),
            RestartPending = vm.RestartAt is not null,
            CommandNumber = vm.CommandNumber,
            JobDeadline = row.Created + definitions.Options.JobTimeout,
        };
    }

    private async Task<bool> HoldsAsync(long hostId, long vmId, CancellationToken cancellationToken) =>
        await database.Set<HostCapacityOfVm>().AnyAsync(taken => taken.HostId == hostId && taken.VmId == vmId, cancellationToken)
        || await database.Set<PciDevice>().AnyAsync(device => device.HostId == hostId && device.InstanceId == vmId, cancellationToken);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Workflow {WorkflowId} {Kind} of VM {VmId}: {Step} + {Event} -> {Next}")]
    private partial void LogDecided(long workflowId, WorkflowKind kind, string step, WorkflowEventKind @event, string next, long vmId);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Workflow {WorkflowId} {Kind} of VM {VmId}: {Step} ignores {Event}: {Why}")]
    private partial void LogIgnored(long workflowId, WorkflowKind kind, string step, WorkflowEventKind @event, long vmId, string why);

    [LoggerMessage(
        Level = LogLevel.Information, Message = "Nobody waits for the answer to {CommandId} from host {HostId}: it changes nothing")]
    private partial void LogNobodyWaits(Guid commandId, long hostId);
}
