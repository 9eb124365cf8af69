using System.Text.Json;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Jobs;
using PciBus.Management.PciDevices;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.AttachPciDevices;
using PciBus.Management.Workflows.DetachPciDevices;
using PciBus.Management.Workflows.RebootVirtualMachine;
using PciBus.Management.Workflows.StartVirtualMachine;
using PciBus.Management.Workflows.StopVirtualMachine;

namespace PciBus.Tests.Support;

/// <summary>Asks management for things, and answers for its hosts.</summary>
internal sealed class Operator(ManagementRig rig)
{
    /// <summary>Of the last word of a host about devices.</summary>
    public long Sequence { get; set; } = 200;

    public Task<StepOutcome> StartAsync(VirtualMachine vm, long? hostId = null) =>
        BeginAsync(vm, WorkflowKind.StartVirtualMachine, new StartDocument { HostId = hostId }, EventTypes.VmStart);

    /// <summary>A new virtual machine and its start, in one transaction.</summary>
    public Task<StepOutcome> DeployAsync(VirtualMachine vm) => rig.Runner.BeginAsync(
        new WorkflowRequest(WorkflowKind.StartVirtualMachine, new StartDocument())
        {
            NewVm = () => vm,
            Job = new JobRequest("deployVirtualMachine", Caller.Admin, EventTypes.VmCreate, "starting VM"),
        },
        CancellationToken.None);

    public Task<StepOutcome> StopAsync(VirtualMachine vm, bool forced = false) =>
        BeginAsync(vm, WorkflowKind.StopVirtualMachine, new StopDocument { Forced = forced }, EventTypes.VmStop, urgent: forced);

    public Task<StepOutcome> RebootAsync(VirtualMachine vm) =>
        BeginAsync(vm, WorkflowKind.RebootVirtualMachine, new RebootDocument(), EventTypes.VmReboot);

    public Task<StepOutcome> DestroyAsync(VirtualMachine vm, bool expunge = false) => BeginAsync(
        vm, WorkflowKind.DestroyVirtualMachine, new StopDocument { Destroy = true, Expunge = expunge }, EventTypes.VmDestroy, urgent: true);

    public Task<StepOutcome> AttachAsync(VirtualMachine vm, string? name = null, long? deviceId = null) => BeginAsync(
        vm, WorkflowKind.AttachPciDevices, new AttachDocument { Name = name, DeviceId = deviceId }, EventTypes.PciDeviceAttach);

    public Task<StepOutcome> DetachAsync(VirtualMachine vm, long deviceId) =>
        BeginAsync(vm, WorkflowKind.DetachPciDevices, new DetachDocument(deviceId), EventTypes.PciDeviceDetach);

    /// <summary>The host that holds the virtual machine's outstanding command answers it; its devices come clean.</summary>
    public async Task AnswerAsync(
        VirtualMachine vm, Observation observed, bool result = true, bool notBegun = false, bool clean = true, bool withItsDevices = true, long sequence = 100)
    {
        var (workflow, host, devices) = rig.Read(database =>
        {
            var row = database.Set<Workflow>().Single(one => one.VmId == vm.Id && !one.Waiting);
            return (
                row,
                database.Set<PciBus.Management.Hosts.Host>().Single(one => one.Id == row.AwaitingHostId),
                database.Set<PciDevice>().Where(device => device.HostId == row.AwaitingHostId).ToList());
        });
        await rig.Agents.AnswerAsync(
            new CheckVirtualMachineAnswer
            {
                CommandId = workflow.AwaitingCommandId!.Value,
                HostGuid = host.Guid,
                Session = host.Session,
                Sequence = sequence,
                VmUuid = vm.Uuid,
                Result = result,
                NotBegun = notBegun,
                Observed = observed,
                PciDevices =
                [
                    .. devices.Where(device => withItsDevices && observed == Observation.Running && device.InstanceId == vm.Id)
                        .Select(device => device.Address),
                ],
                Details = result ? null : "the hypervisor said no",
                Cleaned = [.. devices.Select(device => new PciDeviceCleaning { Address = device.Address, Clean = clean })],
            },
            CancellationToken.None);
    }

    /// <summary>The host that holds the virtual machine's outstanding command says what became of the devices that it names.</summary>
    public async Task AnswerDevicesAsync(VirtualMachine vm, HotplugState state, bool clean = true)
    {
        var (workflow, host) = rig.Read(database =>
        {
            var row = database.Set<Workflow>().Single(one => one.VmId == vm.Id && !one.Waiting);
            return (row, database.Set<PciBus.Management.Hosts.Host>().Single(one => one.Id == row.AwaitingHostId));
        });
        using var command = JsonDocument.Parse(workflow.AwaitingCommand!.Split(' ', 2)[1]);
        var addresses = command.RootElement.GetProperty(nameof(AttachPciDevicesCommand.PciDevices)).EnumerateArray()
            .Select(device => PciAddress.Parse(device.GetProperty(nameof(PciDeviceTO.Address)).GetString()!)).ToList();
        await rig.Agents.AnswerAsync(
            new AttachPciDevicesAnswer
            {
                CommandId = workflow.AwaitingCommandId!.Value,
                HostGuid = host.Guid,
                Session = host.Session,
                Sequence = ++Sequence,
                VmUuid = vm.Uuid,
                Result = state is HotplugState.Attached or HotplugState.Removed,
                Observed = Observation.Running,
                DeviceOutcomes = [.. addresses.Select(address => new PciDeviceOutcome { Address = address, State = state, Reason = $"it is {state}" })],
                Cleaned = state == HotplugState.Removed
                    ? [.. addresses.Select(address => new PciDeviceCleaning { Address = address, Clean = clean })]
                    : [],
            },
            CancellationToken.None);
    }

    /// <summary>Starts a virtual machine of an offering and has its host say that it runs.</summary>
    public async Task<VirtualMachine> RunAsync(string pciDevices = "10GE", string name = "vm")
    {
        var vm = await rig.CreateVmAsync(rig.Add(Rows.Offering(pciDevices)), name);
        await StartAsync(vm);
        await AnswerAsync(vm, Observation.Running);
        return vm;
    }

    public VirtualMachine Look(VirtualMachine vm) => rig.Read(database => database.Set<VirtualMachine>().Single(row => row.Id == vm.Id));

    public AsyncJob LastJob() => rig.Read(database => database.Set<AsyncJob>().OrderBy(job => job.Id).Last());

    private Task<StepOutcome> BeginAsync(
        VirtualMachine vm, WorkflowKind kind, object document, string eventType, bool urgent = false) => rig.Runner.BeginAsync(
        new WorkflowRequest(kind, document)
        {
            VmId = vm.Id,
            Job = new JobRequest($"{kind}", Caller.Admin, eventType, $"{kind} of {vm.Name}"),
            Urgent = urgent,
        },
        CancellationToken.None);
}
