using System.Collections.Immutable;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.AttachPciDevices;
using PciBus.Management.Workflows.CancelMigration;
using PciBus.Management.Workflows.DestroyVirtualMachine;
using PciBus.Management.Workflows.DetachPciDevices;
using PciBus.Management.Workflows.MigrateVirtualMachine;
using PciBus.Management.Workflows.RebootVirtualMachine;
using PciBus.Management.Workflows.Settle;
using PciBus.Management.Workflows.StartVirtualMachine;
using PciBus.Management.Workflows.StopVirtualMachine;

namespace PciBus.Tests.Workflows;

/// <summary>All workflows, and everything that can happen to them, as values.</summary>
internal static class WorkflowSamples
{
    public const long HostId = 7;
    public const long OtherHostId = 8;

    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static PciDeviceCleaning Cleaned { get; } = new() { Address = PciAddress.Parse("28:00.1"), Clean = true };

    public static ChosenDevice Device { get; } = new(21, "0000:28:00.1", "10GE", IsNew: true);

    public static IReadOnlyList<IWorkflowDefinition> Definitions { get; } =
    [
        new StartVirtualMachineWorkflow(),
        new StopVirtualMachineWorkflow(),
        new RebootVirtualMachineWorkflow(),
        new DestroyVirtualMachineWorkflow(),
        new SettleWorkflow(),
        new MigrateVirtualMachineWorkflow(),
        new CancelMigrationWorkflow(),
        new AttachPciDevicesWorkflow(),
        new DetachPciDevicesWorkflow(),
    ];

    /// <summary>Every kind of event in every variant that a workflow may tell apart.</summary>
    public static IReadOnlyList<WorkflowEvent> Events { get; } =
    [
        new Begun(),
        new Planned(HostId),
        new Planned(HostId) { Device = Device },
        new Planned(HostId) { WithDevices = true, Missing = "1 x 10GE" },
        new NothingFits("none"),
        .. Answers,
        Answer(Observation.Running) with { HasOwnDevices = false, StartedBy = 5 },
        .. Statuses,
        new Undelivered(HostId),
        new Observed(HostId),
        new Sighted(HostId),
        new Sighted(OtherHostId),
        new AgentSession(HostId),
        new HostDown(HostId),
        .. RefusedAfter,
        new Overdue(),
        new Cancel("a forced stop was asked for") { ToEnd = true },
        new Cancel("a cancellation was asked for"),
    ];

    /// <summary>What may happen to workflows of a kind: only where devices are attached or detached does it matter what became of each.</summary>
    public static IReadOnlyList<WorkflowEvent> EventsOf(WorkflowKind kind) => kind switch
    {
        WorkflowKind.MigrateVirtualMachine or WorkflowKind.DetachPciDevices => [.. Events, .. Outcomes],
        // What could not be attached is given back, and another claimed in the same step: that one somebody else may have taken.
        WorkflowKind.AttachPciDevices => [.. Events, .. Outcomes, .. Outcomes.Select(TakenAfter)],
        _ => Events,
    };

    /// <summary>States of the world in which an event may come to workflows of a kind.</summary>
    public static IReadOnlyList<WorkflowFacts> WorldsOf(WorkflowKind kind) => kind is WorkflowKind.MigrateVirtualMachine or WorkflowKind.CancelMigration
        ?
        [
            .. Worlds.Where(world => !world.AwaitingHostHolds
                && world.VmState is VirtualMachineState.Running or VirtualMachineState.Migrating or VirtualMachineState.Stopped),
        ]
        : Worlds;

    private static IReadOnlyList<WorkflowFacts> Worlds { get; } =
    [
        .. from state in Enum.GetValues<VirtualMachineState>()
           from parked in new[] { false, true }
           from late in new[] { false, true }
           from down in new (bool Was, bool Holds, bool Restart)[] { (false, false, false), (true, false, false), (true, true, false), (true, true, true) }
           select World(state, parked, late) with
           {
               AwaitingHostWasDown = down.Was,
               AwaitingHostHolds = down.Holds,
               RestartPending = down.Restart,
               Hosts = [new HostFacts(HostId, "kvm1", 3, down.Was), new HostFacts(OtherHostId, "kvm2", 5, false)],
               MigratingFrom = state == VirtualMachineState.Migrating ? OtherHostId : null,
           },
    ];

    private static IEnumerable<Answered> Answers =>
        from result in new[] { false, true }
        from notBegun in new[] { false, true }
        from observed in Enum.GetValues<Observation>()
        from more in new (bool OnlyCopy, bool? Own, bool Cleaned)[]
        {
            (true, null, true), (true, true, true), (true, false, true), (false, true, true), (true, true, false),
        }
        select Answer(observed, result, notBegun) with { IsOnlyCopy = more.OnlyCopy, HasOwnDevices = more.Own, HasCleaned = more.Cleaned };

    /// <summary>What the domain does, where there is one.</summary>
    private static IEnumerable<Answered> Statuses =>
        from result in new[] { false, true }
        from notBegun in new[] { false, true }
        from seen in new (Observation Observed, DomainStatus Status)[]
        {
            (Observation.Running, DomainStatus.Running), (Observation.Running, DomainStatus.Paused), (Observation.Running, DomainStatus.Crashed),
            (Observation.UnderWay, DomainStatus.Incoming), (Observation.Off, DomainStatus.Running),
        }
        select Answer(seen.Observed, result, notBegun) with { Status = seen.Status, PciDevices = [], LacksDevices = !result, MigrationUri = "simulated://kvm1" };

    private static IEnumerable<Answered> Outcomes =>
        from state in Enum.GetValues<HotplugState>()
        from notBegun in new[] { false, true }
        from observed in Enum.GetValues<Observation>()
        select Outcome(state, observed, notBegun);

    private static IEnumerable<Refused> RefusedAfter =>
        from after in new WorkflowEvent[] { new Begun(), new Overdue(), new Undelivered(HostId), new HostDown(HostId) }.Concat(Answers)
        select TakenAfter(after);

    private static Refused TakenAfter(WorkflowEvent after) => new(new Refusal(RefusalCause.ConcurrentChange, "taken") { LostRace = true }, after);

    public static Answered Answer(Observation observed, bool result = true, bool notBegun = false, string? details = null) =>
        new(HostId, "kvm1", 3, 11, result, notBegun, observed, details, [Cleaned]) { HasOwnDevices = true };

    /// <summary>What became of the device, by its host.</summary>
    public static Answered Outcome(HotplugState state, Observation observed = Observation.Running, bool notBegun = false) =>
        Answer(observed, result: state is HotplugState.Attached or HotplugState.Removed, notBegun) with
        {
            DeviceOutcomes = [new PciDeviceOutcome { Address = Cleaned.Address, State = state, Reason = $"it is {state}" }],
        };

    public static WorkflowFacts World(VirtualMachineState state, bool parked = false, bool late = false) =>
        new(Now, new WorkflowOptions(), "web1", state, HostId, HostId, "kvm1", parked)
        {
            JobDeadline = late ? Now : Now.AddMinutes(10),
        };

    private static MigrateDocument Migration(HostWord source, HostWord destination, bool isSource) => new()
    {
        Source = new MigrationSide { HostId = isSource ? HostId : OtherHostId, Word = source },
        Destination = new MigrationSide { HostId = isSource ? OtherHostId : HostId, Word = destination },
        AskingSince = Now,
        WithDevices = true,
        Attaches = 2,
        Exchanged = isSource,
        IsBack = isSource,
        Unclear = 2,
    };

    /// <summary>Documents a workflow of a kind may have.</summary>
    public static IReadOnlyList<object> Documents(WorkflowKind kind) => kind switch
    {
        WorkflowKind.StartVirtualMachine =>
        [
            new StartDocument(),
            new StartDocument { HostId = HostId, After = 4 },
            new StartDocument { Cancelled = "a forced stop was asked for" },
            new StartDocument { LastFailure = "kvm2: no", Tried = ImmutableSortedDictionary<long, string>.Empty.Add(8, "kvm2: no") },
        ],
        WorkflowKind.StopVirtualMachine or WorkflowKind.DestroyVirtualMachine =>
        [
            new StopDocument(),
            new StopDocument { Forced = true },
            new StopDocument { Destroy = true },
            new StopDocument { Destroy = true, Expunge = true },
        ],
        WorkflowKind.RebootVirtualMachine => [new RebootDocument()],
        WorkflowKind.MigrateVirtualMachine =>
        [
            new MigrateDocument(),
            Migration(HostWord.Runs, HostWord.Unknown, isSource: false) with { HostId = HostId, Cancelled = "a forced stop was asked for" },
            Migration(HostWord.Runs, HostWord.Down, isSource: true),
            Migration(HostWord.Unknown, HostWord.Runs, isSource: true),
            Migration(HostWord.Paused, HostWord.Unknown, isSource: false),
            Migration(HostWord.Off, HostWord.Incoming, isSource: false),
            Migration(HostWord.Down, HostWord.Off, isSource: true),
        ],
        WorkflowKind.AttachPciDevices =>
        [
            new AttachDocument { Name = "10GE", Device = Device, Told = 1 },
            new AttachDocument { DeviceId = 21, Device = Device with { IsNew = false }, Told = 2, Failures = 1, Pauses = true, LastFailure = "no slot" },
            new AttachDocument { Name = "10GE", DeviceId = 21, Repair = true, Device = Device, Told = 3, Failures = 2, Tried = [20] },
        ],
        WorkflowKind.DetachPciDevices => [new DetachDocument(21), new DetachDocument(21) { Device = Device with { IsNew = false } }],
        WorkflowKind.CancelMigration => [new CancelMigrationDocument(HostId), new CancelMigrationDocument(OtherHostId)],
        WorkflowKind.Settle => [new SettleDocument(HostId, "the host reported otherwise"), new SettleDocument(8, "stray")],
    };
}
