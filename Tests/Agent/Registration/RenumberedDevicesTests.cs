using PciBus.Contracts.PciDevices;
using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using Xunit;

namespace PciBus.Tests.Agent.Registration;

/// <summary>The host numbers its buses otherwise after a reboot: what the agent says, and what it does not do.</summary>
public sealed class RenumberedDevicesTests
{
    private static readonly PciAddress Elsewhere = PciAddress.Parse("29:00.1");
    private readonly Guid _vm = Guid.NewGuid();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Announcement_SaysWhereADeviceIs_ThatPciDevicesNamesElsewhere()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        Assert.Empty(rig.Link.Sent<StartupRoutingCommand>()[^1].OtherPciDevices!);
        var before = (await rig.Simulator.FindPciDeviceAsync(AgentRig.First, Token))!;

        rig.Simulator.RebootHost(Guid.NewGuid(), new Dictionary<PciAddress, PciAddress> { [AgentRig.First] = Elsewhere });
        await rig.UntilAsync(() => rig.Link.Sent<StartupRoutingCommand>().Count >= 2);

        var told = rig.Link.Sent<StartupRoutingCommand>()[^1];
        Assert.Equal(
            [(AgentRig.First, false, null), (AgentRig.Second, true, "SIM-kvm1-0000:28:00.2")],
            told.Report.PciDevices!.Select(device => (device.Address, device.Present, device.Serial)));
        Assert.Equal(before with { Address = Elsewhere }, Assert.Single(told.OtherPciDevices!));

        // Nothing else is plugged in where pci.devices still names it.
        await rig.CrashAsync();
        Assert.False(rig.Link.Sent<StartupRoutingCommand>()[^1].Report.PciDevices![0].Present);
    }

    [Fact]
    public async Task Announcement_HasAllElseWithASerialNumber_AndSaysWhenItCannotTell()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        rig.WriteProperties("28:00.2|10GE");
        await rig.CrashAsync();
        Assert.Equal(AgentRig.First, Assert.Single(rig.Link.Sent<StartupRoutingCommand>()[^1].OtherPciDevices!).Address);

        rig.Simulator.Faults = new() { Unreachable = true };
        rig.Node.Connected();
        await rig.UntilAsync(() => rig.Link.Sent<StartupRoutingCommand>()[^1].Report.PciDevices is null);
        Assert.Null(rig.Link.Sent<StartupRoutingCommand>()[^1].OtherPciDevices);
    }

    /// <summary>Commands that were written for the address that a device had: the boot tells, and without it the identity does.</summary>
    [Theory]
    [InlineData(false, "not begun: the addresses hold for boot")]
    [InlineData(
        true, "not begun: PCI device 0000:28:00.1 is another one: serial number is SIM-kvm1-0000:28:00.2, not SIM-kvm1-0000:28:00.1")]
    public async Task CommandForTheOldAddress_IsRefused_BeforeTheHypervisorIsTouched(bool namesTheNewBoot, string reason)
    {
        await using var rig = await AgentRig.RegisteredAsync();
        var first = (await rig.Simulator.FindPciDeviceAsync(AgentRig.First, Token))!;
        var boot = await rig.Simulator.GetBootIdAsync(Token);
        rig.Simulator.RebootHost(
            Guid.NewGuid(), new Dictionary<PciAddress, PciAddress> { [AgentRig.First] = AgentRig.Second, [AgentRig.Second] = AgentRig.First });
        await rig.UntilAsync(() => rig.Link.Sent<StartupRoutingCommand>().Count >= 2);
        await rig.RegisterAsync();
        if (namesTheNewBoot) boot = await rig.Simulator.GetBootIdAsync(Token);

        var start = rig.Start(_vm, AgentRig.First);
        start = start with { BootId = boot, Vm = start.Vm with { PciDevices = [first] } };
        var answer = await rig.AskAsync(start);

        Assert.True(answer is { Result: false, NotBegun: true });
        Assert.StartsWith(reason, answer.Details, StringComparison.Ordinal);
        Assert.Empty(rig.Attachments);

        var again = rig.Start(_vm, AgentRig.Second);
        again = again with
        {
            BootId = await rig.Simulator.GetBootIdAsync(Token),
            Vm = again.Vm with { PciDevices = [first with { Address = AgentRig.Second }] },
        };
        Assert.True((await rig.AskAsync(again)) is { Result: true, Observed: Observation.Running });
    }

    [Fact]
    public async Task SimulatedHost_DoesNotReboot_WhenTwoDevicesWouldHaveOneAddress()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        var boot = await rig.Simulator.GetBootIdAsync(Token);

        foreach (var (from, to) in new[] { (AgentRig.First, AgentRig.Second), (Elsewhere, AgentRig.First) })
        {
            Assert.Throws<ArgumentException>(() =>
                rig.Simulator.RebootHost(Guid.NewGuid(), new Dictionary<PciAddress, PciAddress> { [from] = to }));
        }

        Assert.Equal(boot, await rig.Simulator.GetBootIdAsync(Token));
        Assert.Equal([AgentRig.First, AgentRig.Second], (await rig.Simulator.ListPciDevicesAsync(Token)).Select(device => device.Address));
    }
}
