using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Newtonsoft.Json;
using PciBus.Contracts;
using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Accounts;
using PciBus.Management.Hosts;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.RebootVirtualMachine;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Workflows;

/// <summary>A workflow may wait for several hosts: each has its own command, deadline and word.</summary>
public sealed class SeveralHostsTests : IDisposable
{
    private readonly ManagementRig _rig = new(replace: services =>
    {
        services.Remove(services.Single(service => service.ImplementationType == typeof(RebootVirtualMachineWorkflow)));
        services.AddSingleton<IWorkflowDefinition, TwoHostsWorkflow>();
    });

    private Host? _first, _second;

    [Fact]
    public async Task EachHost_AnswersItsOwnCommand()
    {
        await BeginAsync();

        await AnswerAsync(_second!, CommandOf(_second!));
        await AnswerAsync(_second!, CommandOf(_first!));
        await AnswerAsync(_first!, CommandOf(_first!));

        Assert.Equal(["Answered kvm2", "Answered kvm1"], Heard());
    }

    [Fact]
    public async Task EachHost_HasItsOwnDeadline_AndIsParkedByItself()
    {
        await BeginAsync();
        var longest = Commands().Max(command => command.Deadline);
        _rig.Time.Advance(TwoHostsWorkflow.Short);
        await FeedOverdueAsync();
        Assert.Equal(["Overdue kvm1"], Heard());
        Assert.Equal(longest, Workflow().Deadline);

        // The one that is not parked says nothing of interest.
        await PingAsync(_second!, 2);
        Assert.Single(Heard());
        await PingAsync(_first!, 2);
        Assert.Equal("Observed kvm1 parked", Heard()[^1]);
        Assert.NotNull(Commands()[0].Deadline);

        _rig.Time.Advance(TwoHostsWorkflow.Short);
        await FeedOverdueAsync();
        await FeedOverdueAsync();
        Assert.Equal(["Overdue kvm1", "Overdue kvm2"], Heard().TakeLast(2).Order());
        Assert.Null(Workflow().Deadline);
        await _rig.RunJobAsync<ParkedWorkflowsJob>();
        Assert.Equal(["AgentSession kvm1 parked", "AgentSession kvm2 parked"], Heard().TakeLast(2).Order());
    }

    [Fact]
    public async Task HostThatAnnouncesItself_IsSentItsOwnCommandAgain()
    {
        await BeginAsync();
        await _rig.DeliverAsync();
        var before = _rig.Bus.Sent.Count;

        _second = await _rig.ConnectAsync(Announcements.Host("kvm2"));
        await _rig.DeliverAsync();

        var again = Assert.Single(_rig.Bus.Sent.Skip(before), sent => sent.Message is CheckVirtualMachineCommand);
        Assert.Equal(
            (EndpointNames.Agent("kvm2"), CommandOf(_second), _second.Session),
            (again.Destination, ((VirtualMachineCommand)again.Message).CommandId, ((VirtualMachineCommand)again.Message).Session));
    }

    [Fact]
    public async Task CommandThatStandsAlone_EndsTheWaitForTheOthers()
    {
        var vm = await BeginAsync();

        await _rig.Runner.FeedAsync(Workflow().Id, new Cancel(""), CancellationToken.None);
        Assert.Equal(_second!.Id, Assert.Single(Commands()).HostId);

        await LoseAsync(_first!);
        Assert.NotNull(Look(vm).WorkflowId);
        await LoseAsync(_second!);
        Assert.Null(Look(vm).WorkflowId);
        Assert.Empty(Commands());
    }

    public void Dispose() => _rig.Dispose();

    private async Task<VirtualMachine> BeginAsync()
    {
        (_first, _second) = (await _rig.ConnectAsync(Announcements.Host("kvm1")), await _rig.ConnectAsync(Announcements.Host("kvm2")));
        var vm = await _rig.CreateVmAsync(_rig.Add(Rows.Offering()));
        await _rig.Runner.BeginAsync(
            new WorkflowRequest(WorkflowKind.RebootVirtualMachine, new TwoHostsDocument(_first.Id, _second.Id)) { VmId = vm.Id }, CancellationToken.None);
        return vm;
    }

    /// <summary>Its agent says good-bye, and an operator that it is off.</summary>
    private async Task LoseAsync(Host host)
    {
        await _rig.Agents.ShutdownAsync(new ShutdownCommand { HostGuid = host.Guid, Session = host.Session, Sequence = 150 }, CancellationToken.None);
        Assert.Null(await _rig.TryAsync((HostAdministrationManager hosts) => hosts.DeclareDownAsync(host.Id, false, Caller.Admin, CancellationToken.None)));
        await _rig.RunJobAsync<DownHostsJob>();
    }

    private Task<string?> FeedOverdueAsync() => _rig.RunJobAsync<OverdueWorkflowsJob>();

    private Task PingAsync(Host host, long sequence) => _rig.Agents.PingAsync(
        Announcements.Ping(host.Guid, Announcements.Report(), host.Session, sequence) with { SentAt = _rig.Time.GetUtcNow() }, CancellationToken.None);

    private Task AnswerAsync(Host host, Guid commandId) => _rig.Agents.AnswerAsync(
        new CheckVirtualMachineAnswer
        {
            CommandId = commandId,
            HostGuid = host.Guid,
            Session = host.Session,
            Sequence = 5,
            VmUuid = Guid.NewGuid(),
            Result = true,
            Observed = Observation.Unknown,
        },
        CancellationToken.None);

    private Guid CommandOf(Host host) => Commands().Single(command => command.HostId == host.Id).CommandId;

    private List<WorkflowCommand> Commands() => _rig.Read(database => database.Set<WorkflowCommand>().OrderBy(command => command.HostId).ToList());

    private Workflow Workflow() => _rig.Read(database => database.Set<Workflow>().Single());

    private VirtualMachine Look(VirtualMachine vm) => _rig.Read(database => database.Set<VirtualMachine>().Single(row => row.Id == vm.Id));

    private ImmutableList<string> Heard() => JsonConvert.DeserializeObject<TwoHostsDocument>(Workflow().Document)!.Heard;
}
