using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Hosts;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Bus;

/// <summary>"Never delivered" is said of a first publish by the writing process that came back, and of nothing else.</summary>
public sealed class UndeliveredTests : IDisposable
{
    private readonly ManagementRig _rig = new();
    private readonly Operator _act;

    public UndeliveredTests() => _act = new Operator(_rig);

    [Fact]
    public async Task CommandThatCameBackAtOnce_FreesItsDevices()
    {
        var vm = await StartAsync();
        _rig.Bus.Returns = _ => Delivery.ReturnedAtOnce;

        await _rig.DeliverAsync();

        AssertFreed(vm);
    }

    [Fact]
    public async Task CommandThatCameBackLater_MayHaveBeenDeliveredBefore()
    {
        var vm = await StartAsync();
        _rig.Bus.Returns = _ => Delivery.Returned;

        await _rig.DeliverAsync();

        AssertHeld(vm);
        Assert.Equal(0, Unsent());
    }

    [Fact]
    public async Task CommandOfAProcessThatDied_MayHaveBeenDeliveredByIt()
    {
        var vm = await StartAsync();
        _rig.Bus.Returns = _ => Delivery.ReturnedAtOnce;

        _rig.Time.Advance(OutboxRelay.Lease);
        using var other = _rig.AnotherServer();
        await other.Outbox.TakeOverAsync(_rig.Time.GetUtcNow(), CancellationToken.None);

        AssertHeld(vm);
        Assert.Equal(0, Unsent());
    }

    [Fact]
    public async Task CommandThatAnotherProcessTookOver_MayBeDeliveredByIt()
    {
        var vm = await StartAsync();
        _rig.Execute("UPDATE outbox_message SET lease_owner = 'another'");
        _rig.Bus.Returns = _ => Delivery.ReturnedAtOnce;

        await _rig.DeliverAsync();

        AssertHeld(vm);
        Assert.Equal(1, Unsent());
    }

    [Fact]
    public async Task CommandThatWasSentAgain_IsNotDoubtedForItsFirstCopy()
    {
        var vm = await StartAsync();
        // Nobody knows what came of the first copy; the copy for the new session is the first of its own.
        _rig.Bus.Fails = message => message is StartCommand;
        await _rig.DeliverAsync();
        await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        _rig.Bus.Fails = _ => false;
        _rig.Bus.Returns = message => message is StartCommand ? Delivery.ReturnedAtOnce : null;

        await _rig.DeliverAsync();

        AssertHeld(vm);
    }

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task HostWhoseAgentIsAway_IsNotPlannedWith_UntilItSpeaks()
    {
        await StartAsync();
        _rig.Bus.Returns = _ => Delivery.ReturnedAtOnce;
        await _rig.DeliverAsync();
        Assert.Equal(HostStatus.Alert, _rig.Read(database => database.Set<Host>().Single().Status));

        var next = await _rig.CreateVmAsync(_rig.Add(Rows.Offering("10GE")), "next");
        await _act.StartAsync(next);
        Assert.Equal(VirtualMachineState.Stopped, _act.Look(next).State);

        await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        await _act.StartAsync(next);
        Assert.Equal(VirtualMachineState.Starting, _act.Look(next).State);
    }

    private async Task<VirtualMachine> StartAsync()
    {
        await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        await _rig.DeliverAsync();
        var vm = await _rig.CreateVmAsync(_rig.Add(Rows.Offering("10GE")));
        await _act.StartAsync(vm);
        AssertHeld(vm);
        return vm;
    }

    private void AssertHeld(VirtualMachine vm)
    {
        Assert.Equal(VirtualMachineState.Starting, _act.Look(vm).State);
        Assert.Equal(vm.Id, Device().InstanceId);
    }

    private void AssertFreed(VirtualMachine vm)
    {
        Assert.Equal(VirtualMachineState.Stopped, _act.Look(vm).State);
        Assert.Null(Device().InstanceId);
        Assert.Equal(0, Unsent());
    }

    private PciDevice Device() => _rig.Read(database => database.Set<PciDevice>().Single());

    private int Unsent() => _rig.Read(database => database.Set<OutboxMessage>().Count());
}
