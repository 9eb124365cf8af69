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
        new AttachPciDevicesWorkflow(),
        new DetachPciDevicesWorkflow(),
        new MigrateVirtualMachineWorkflow(),
        new CancelMigrationWorkflow(),
    ];

    /// <summary>Every kind of event in every variant that a workflow may tell apart.</summary>
    public static IReadOnlyList<WorkflowEvent> Events { get; } =
    [
        new Begun(),
        new Planned(HostId) { Device = Device },
        new NothingFits("none"),
        .. Answers,
        .. Outcomes,
        new Undelivered(HostId),
        new Observed(HostId),
        new AgentSession(HostId),
        new HostDown(HostId),
        .. RefusedAfter,
        new Overdue(),
        new Cancel("a forced stop was asked for") { ToEnd = true },
        new Cancel("a cancellation was asked for"),
    ];

    /// <summary>States of the world in which an event may come.</summary>
    public static IReadOnlyList<WorkflowFacts> Worlds { get; } =
    [
        .. from state in Enum.GetValues<VirtualMachineState>()
           from parked in new[] { false, true }
           from late in new[] { false, true }
           from wasDown in new[] { false, true }
           select World(state, parked, late) with
           {
               AwaitingHostWasDown = wasDown,
               Hosts = [new HostFacts(HostId, "kvm1", 3, wasDown), new HostFacts(8, "kvm2", 5, false)],
               MigratingFrom = state == VirtualMachineState.Migrating ? 8 : null,
           },
    ];

    private static IEnumerable<Answered> Answers =>
        from result in new[] { false, true }
        from notBegun in new[] { false, true }
        from observed in Enum.GetValues<Observation>()
        from status in Statuses(observed)
        select Answer(observed, result, notBegun) with { Status = status, PciDevices = [], MigrationUri = "kvm://kvm1" };

    private static IEnumerable<Answered> Outcomes =>
        from state in Enum.GetValues<HotplugState>()
        from notBegun in new[] { false, true }
        from observed in Enum.GetValues<Observation>()
        select Outcome(state, observed, notBegun);

    /// <summary>What a domain may do, when there is one.</summary>
    private static DomainStatus?[] Statuses(Observation observed) => observed switch
    {
        Observation.Running => [null, DomainStatus.Running, DomainStatus.Paused, DomainStatus.Crashed],
        Observation.UnderWay => [null, DomainStatus.Incoming],
        _ => [null],
    };

    private static IEnumerable<Refused> RefusedAfter =>
        from after in new WorkflowEvent[] { new Begun(), new Overdue(), new Undelivered(HostId), new HostDown(HostId) }.Concat(Answers).Concat(Outcomes)
        select new Refused(new Refusal(RefusalCause.ConcurrentChange, "taken") { LostRace = true }, after);

    public static Answered Answer(Observation observed, bool result = true, bool notBegun = false, string? details = null) =>
        new(HostId, "kvm1", 3, 11, result, notBegun, observed, details, [Cleaned]);

    /// <summary>What became of the device, by its host.</summary>
    public static Answered Outcome(HotplugState state, Observation observed = Observation.Running, bool notBegun = false) =>
        Answer(observed, result: state is HotplugState.Attached or HotplugState.Removed, notBegun) with
        {
            DeviceOutcomes = [new PciDeviceOutcome { Address = PciAddress.Parse(Device.Address), State = state, Reason = $"it is {state}" }],
        };

    public static WorkflowFacts World(VirtualMachineState state, bool parked = false, bool late = false) =>
        new(Now, new WorkflowOptions(), "web1", state, HostId, HostId, "kvm1", parked)
        {
            JobDeadline = late ? Now : Now.AddMinutes(10),
        };

    private static MigrateDocument Migration(HostWord source, HostWord destination, bool isSource) => new()
    {
        Source = new MigrationSide { HostId = isSource ? HostId : 8, Word = source },
        Destination = new MigrationSide { HostId = isSource ? 8 : HostId, Word = destination },
        AskingSince = Now,
        WithDevices = true,
        Attaches = 2,
        Exchanged = isSource,
        Unclear = 2,
    };

    /// <summary>Documents a workflow of a kind may have.</summary>
    public static IReadOnlyList<object> Documents(WorkflowKind kind) => kind switch
    {
        WorkflowKind.StartVirtualMachine =>
        [
            new StartDocument(),
            new StartDocument { HostId = HostId },
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
        WorkflowKind.AttachPciDevices =>
        [
            new AttachDocument { Name = "10GE", Device = Device, Told = 1 },
            new AttachDocument { DeviceId = 21, Device = Device with { IsNew = false }, Told = 2, Failures = 1, Pauses = true, LastFailure = "no slot" },
            new AttachDocument { Name = "10GE", DeviceId = 21, Repair = true, Device = Device, Told = 3, Failures = 2, Tried = [20] },
        ],
        WorkflowKind.DetachPciDevices => [new DetachDocument(21), new DetachDocument(21) { Device = Device with { IsNew = false } }],
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
        WorkflowKind.CancelMigration => [new CancelMigrationDocument(HostId), new CancelMigrationDocument(8)],
        WorkflowKind.Settle => [new SettleDocument(HostId, "the host reported otherwise"), new SettleDocument(8, "stray")],
    };
}
