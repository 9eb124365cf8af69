using PciBus.Agent.Hypervisor;
using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;
using Xunit;

namespace PciBus.Tests.Agent.Hypervisor;

/// <summary>The simulated hypervisor hot-plugs and migrates as libvirt was measured to, with its numbers and texts.</summary>
public sealed class SimulatedMigrationTests
{
    private readonly VirtualMachineTO _vm = new()
    {
        Uuid = Guid.NewGuid(),
        Name = "vm1",
        Cpus = 1,
        MaxRam = 1 << 30,
        PciDevices = [new PciDeviceTO { Address = AgentRig.First }],
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Refusals_AreLibvirts()
    {
        await using var rig = await AgentRig.StartAsync();
        await using var other = await AgentRig.StartAsync();
        rig.Simulator.Faults = new() { SparePorts = 0 };
        await rig.Simulator.StartAsync(_vm, Token);

        await RefusedAsync(99, 10, "device not found: host pci device 0000:28:00.2 not found", () => rig.Simulator.DetachDeviceAsync(_vm.Uuid, AgentRig.Second, Token));
        await RefusedAsync(55, 0, "is in use by driver QEMU, domain vm1", () => rig.Simulator.AttachDeviceAsync(_vm.Uuid, new() { Address = AgentRig.First }, null, Token));
        await RefusedAsync(1, 20, "No more available PCI slots", () => rig.Simulator.AttachDeviceAsync(_vm.Uuid, new() { Address = AgentRig.Second }, null, Token));
        await RefusedAsync(1, 10, "'device_add': vfio", () => rig.Simulator.AttachDeviceAsync(_vm.Uuid, new() { Address = PciAddress.Parse("99:00.0") }, null, Token));
        await RefusedAsync(
            55,
            10,
            "Requested operation is not valid: cannot migrate domain: 0000:28:00.1: VFIO migration is not supported in kernel",
            () => MigrateAsync(rig, other.Simulator.MigrationUri));
        await rig.Simulator.DetachDeviceAsync(_vm.Uuid, AgentRig.First, Token);
        await RefusedAsync(1, 10, "Attempt to migrate guest to the same host", () => MigrateAsync(rig, rig.Simulator.MigrationUri));
        await RefusedAsync(38, 7, "Connection refused", () => MigrateAsync(rig, "simulated:///nowhere"));
        await RefusedAsync(55, 10, "no job is active on the domain", () => rig.Simulator.AbortMigrationAsync(_vm.Uuid, Token));
        var namesake = new VirtualMachineTO { Uuid = Guid.NewGuid(), Name = "vm1", MaxRam = 1 };
        await other.Simulator.StartAsync(namesake, Token);
        await RefusedAsync(9, 20, $"domain 'vm1' already exists with uuid {namesake.Uuid}", () => MigrateAsync(rig, other.Simulator.MigrationUri));
    }

    [Fact]
    public async Task DeafGuest_IsSilentForFiveSeconds_AndTheCallReturns()
    {
        await using var rig = await AgentRig.StartAsync();
        await rig.Simulator.StartAsync(_vm, Token);
        rig.Simulator.Faults = new() { Guests = [new(GuestBehaviour.Deaf)] };
        var detach = rig.Simulator.DetachDeviceAsync(_vm.Uuid, AgentRig.First, Token);
        await rig.PassAsync(TimeSpan.FromSeconds(4.8));
        Assert.False(detach.IsCompleted);
        await rig.UntilAsync(() => detach.IsCompleted);
        await detach;
        Assert.Equal([AgentRig.First], (await FindAsync(rig))!.PciDevices);

        rig.Simulator.Faults = rig.Simulator.Faults with { RefuseSecondRequest = true };
        await RefusedAsync(1, 10, "already in the process of unplug", () => rig.Simulator.DetachDeviceAsync(_vm.Uuid, AgentRig.First, Token));
    }

    [Fact]
    public async Task PausedGuest_LetsGoWhenItGoesOn_AndOneIsLostUnasked()
    {
        await using var rig = await AgentRig.StartAsync();
        await rig.Simulator.StartAsync(_vm with { PciDevices = [.. _vm.PciDevices, new PciDeviceTO { Address = AgentRig.Second }] }, Token);
        var events = new List<DeviceEvent>();
        rig.Simulator.DeviceChanged += events.Add;
        rig.Simulator.Pause(_vm.Uuid);
        var detach = rig.Simulator.DetachDeviceAsync(_vm.Uuid, AgentRig.First, Token);
        await rig.UntilAsync(() => detach.IsCompleted);
        Assert.Empty(events);
        Assert.True(rig.Simulator.Resume(_vm.Uuid));
        Assert.Equal([new DeviceEvent(_vm.Uuid, AgentRig.First, Removed: true)], events);

        Assert.True(rig.Simulator.Eject(_vm.Uuid, AgentRig.Second));
        Assert.False(rig.Simulator.Eject(_vm.Uuid, AgentRig.Second));
        Assert.Equal(AgentRig.Second, events[1].Device);
        Assert.Empty((await FindAsync(rig))!.PciDevices);
    }

    [Fact]
    public async Task Attach_WaitsForAMigration_AndGivesUpAfterHalfAMinute()
    {
        await using var rig = await AgentRig.StartAsync();
        await using var other = await AgentRig.StartAsync();
        await rig.Simulator.StartAsync(_vm with { PciDevices = [] }, Token);
        rig.Simulator.Faults = new() { Migrations = [MigrationFault.NeverConverges] };
        var migration = MigrateAsync(rig, other.Simulator.MigrationUri);
        Assert.NotNull(await rig.Simulator.FindMigrationAsync(_vm.Uuid, Token));

        var attach = rig.Simulator.AttachDeviceAsync(_vm.Uuid, new() { Address = AgentRig.First }, null, Token);
        await rig.UntilAsync(() => attach.IsCompleted);
        await RefusedAsync(68, 0, "cannot acquire state change lock", () => attach);
        await rig.Simulator.AbortMigrationAsync(_vm.Uuid, Token);
        await rig.UntilAsync(() => migration.IsCompleted);
        await RefusedAsync(78, 10, "operation aborted: job 'migration out' canceled by client", () => migration);
        Assert.Null(await FindAsync(other));
    }

    [Fact]
    public async Task IncomingDomain_ThatTheDestinationDestroys_StaysAtTheSource()
    {
        await using var rig = await AgentRig.StartAsync("simulator.migration.time=5s");
        await using var other = await AgentRig.StartAsync();
        await rig.Simulator.StartAsync(_vm with { PciDevices = [] }, Token);
        var migration = MigrateAsync(rig, other.Simulator.MigrationUri);
        Assert.True((await FindAsync(other)) is { Incoming: true, State: DomainState.Paused, HasJob: true });
        Assert.True((await FindAsync(rig)) is { State: DomainState.Running, HasJob: true });
        await RefusedAsync(55, 20, "domain 'vm1' is already active", () => other.Simulator.StartAsync(_vm, Token));
        await RefusedAsync(55, 20, "domain is not running", () => other.Simulator.RebootAsync(_vm.Uuid, Token));

        await other.Simulator.DestroyAsync(_vm.Uuid, Token);
        await rig.UntilAsync(() => migration.IsCompleted);
        await RefusedAsync(9, 10, "unexpectedly failed", () => migration);
        Assert.True((await FindAsync(rig)) is { State: DomainState.Running, HasJob: false });
        Assert.Null(await FindAsync(other));
    }

    [Fact]
    public async Task DomainThatEndsOnTheWay_EndsOnBothSides()
    {
        await using var rig = await AgentRig.StartAsync("simulator.migration.time=5s");
        await using var other = await AgentRig.StartAsync();
        await rig.Simulator.StartAsync(_vm with { PciDevices = [] }, Token);
        var migration = MigrateAsync(rig, other.Simulator.MigrationUri);
        rig.Simulator.RebootHost(Guid.NewGuid());

        await rig.UntilAsync(() => migration.IsCompleted);
        await RefusedAsync(9, 20, "domain is not running", () => migration);
        Assert.Null(await FindAsync(other));
        Assert.Empty(other.Attachments);
    }

    [Fact]
    public async Task Domain_ComesAndGoes_WithoutItsDevices()
    {
        await using var rig = await AgentRig.StartAsync();
        await using var other = await AgentRig.StartAsync();
        await rig.Simulator.StartAsync(_vm with { PciDevices = [] }, Token);
        for (var i = 0; i < 3; i++)
        {
            await MigrateAsync(rig, other.Simulator.MigrationUri);
            Assert.Null(await FindAsync(rig));
            Assert.True((await FindAsync(other)) is { Incoming: false, State: DomainState.Running, HasJob: false });
            await other.Simulator.MigrateAsync(_vm.Uuid, rig.Simulator.MigrationUri, autoConverge: false, Token);
            Assert.True((await FindAsync(rig)) is { Incoming: false, State: DomainState.Running, HasJob: false });
        }

        Assert.Equal(["start", "end", "start", "end", "start", "end"], other.Attachments.Select(line => line.Event));
    }

    [Fact]
    public async Task Attachments_OfHotPlug_AreMendedAfterACrash()
    {
        await using var rig = await AgentRig.StartAsync();
        await rig.Simulator.StartAsync(_vm, Token);
        await rig.Simulator.DetachDeviceAsync(_vm.Uuid, AgentRig.First, Token);
        rig.Node.Kill();
        var log = Path.Combine(rig.DataFolder, "simulator", "attachments.log");
        File.WriteAllText(log, File.ReadAllText(log)[..^10]);
        await rig.StartNodeAsync();

        Assert.Equal(["start", "attach", "detach"], rig.Attachments.Select(line => line.Event));
    }

    [Fact]
    public void FaultPlan_ChoosesTheSameWithTheSameSeed()
    {
        var domains = Enumerable.Range(0, 200).Select(i => new Guid(i, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)).ToList();
        var plan = new FaultPlan { Seed = 7, UnwillingPercent = 30, FailingMigrationPercent = 30 };
        var chosen = domains.Select(domain => plan.BehaviourOf(domain, AgentRig.First)).ToList();

        Assert.Equal(chosen, domains.Select(domain => (plan with { }).BehaviourOf(domain, AgentRig.First)));
        Assert.NotEqual(chosen, domains.Select(domain => (plan with { Seed = 8 }).BehaviourOf(domain, AgentRig.First)));
        Assert.InRange(chosen.Count(behaviour => behaviour != GuestBehaviour.Willing), 30, 90);
        Assert.Equal(5, chosen.Where(behaviour => behaviour != GuestBehaviour.Willing).Distinct().Count());
        Assert.DoesNotContain(GuestBehaviour.Refusing, chosen);
        Assert.Equal(7, domains.Select(domain => plan.FaultOf(domain, 1)).Where(fault => fault != MigrationFault.None).Distinct().Count());
        Assert.All(domains, domain => Assert.Equal(MigrationFault.None, new FaultPlan().FaultOf(domain, 1)));
    }

    [Fact]
    public async Task DeafDevices_AreOfTheHost()
    {
        await using var rig = await AgentRig.StartAsync("simulator.deaf.devices=28:00.1");
        await rig.Simulator.StartAsync(_vm, Token);
        var detach = rig.Simulator.DetachDeviceAsync(_vm.Uuid, AgentRig.First, Token);
        await rig.UntilAsync(() => detach.IsCompleted);

        Assert.Single((await FindAsync(rig))!.PciDevices);
    }

    private Task<Domain?> FindAsync(AgentRig rig) => rig.Simulator.FindDomainAsync(_vm.Uuid, Token);

    private Task MigrateAsync(AgentRig rig, string uri) => rig.Simulator.MigrateAsync(_vm.Uuid, uri, autoConverge: false, Token);

    private static async Task RefusedAsync(int code, int domain, string text, Func<Task> call)
    {
        var refusal = await Assert.ThrowsAsync<HypervisorException>(call);
        Assert.Equal((code, domain), (refusal.Code, refusal.Domain));
        Assert.Contains(text, refusal.Message, StringComparison.Ordinal);
    }
}
