using PciBus.Contracts.Startup;
using Xunit;

namespace PciBus.Tests.Agent.Registration;

/// <summary>Patterns in the list of an agent that runs. A simulated host has the devices that entries have ever named.</summary>
public sealed class ConfiguredDevicesTests
{
    [Fact]
    public async Task Pattern_IsLookedUp_WhenTheListChanges_AndNotAgain()
    {
        await using var agent = await AgentRig.RegisteredAsync();
        await agent.UntilAsync(() => Reported(agent) == "0000:28:00.1 10GE,0000:28:00.2 10GE");

        agent.WriteProperties("28:00.*|NIC");
        await agent.UntilAsync(() => Reported(agent) == "0000:28:00.1 NIC,0000:28:00.2 NIC");

        // A device that goes is missing: the pattern still means it.
        agent.Simulator.Faults = agent.Simulator.Faults with { Vanished = [AgentRig.First] };
        await agent.ReceiveAsync(new CheckHealthCommand());
        await agent.UntilAsync(() => Reported(agent) == "0000:28:00.1 NIC missing,0000:28:00.2 NIC");

        agent.WriteProperties("28:00.*|NIC,29:00.0|GPU");
        await agent.UntilAsync(() => Reported(agent) == "0000:29:00.0 GPU,0000:28:00.2 NIC");
    }

    [Fact]
    public async Task List_IsUnknown_WhileItsPatternsCannotBeLookedUp()
    {
        await using var agent = await AgentRig.RegisteredAsync();
        agent.Simulator.Faults = agent.Simulator.Faults with { Unreachable = true };
        agent.WriteProperties("28:00.*|NIC");
        await agent.UntilAsync(() => LastReport(agent).Warnings.Any(
            warning => warning.StartsWith("the patterns of pci.devices could not be looked up: ", StringComparison.Ordinal)));
        Assert.Null(LastReport(agent).PciDevices);

        agent.Simulator.Faults = agent.Simulator.Faults with { Unreachable = false };
        await agent.ReceiveAsync(new CheckHealthCommand());
        await agent.UntilAsync(() => Reported(agent) == "0000:28:00.1 NIC,0000:28:00.2 NIC");
        Assert.Empty(LastReport(agent).Warnings);
    }

    [Fact]
    public async Task UnusableDevice_IsReportedWithItsReason()
    {
        await using var agent = await AgentRig.RegisteredAsync();
        agent.Simulator.Faults = agent.Simulator.Faults with { Unusable = [AgentRig.Second] };
        await agent.ReceiveAsync(new CheckHealthCommand());

        await agent.UntilAsync(() => LastReport(agent).PciDevices?[1].Unusable is not null);
        Assert.Equal(
            [null, "the fault plan says that 0000:28:00.2 can be given away no more"],
            LastReport(agent).PciDevices!.Select(device => device.Unusable));
        Assert.All(LastReport(agent).PciDevices!, device => Assert.True(device is { Present: true, VendorId: "8086" }));
    }

    private static HostReport LastReport(AgentRig agent) => agent.Link.Sent<PingRoutingCommand>() is [.., var ping]
        ? ping.Report
        : agent.Link.Sent<StartupRoutingCommand>()[^1].Report;

    private static string Reported(AgentRig agent) => string.Join(',', (LastReport(agent).PciDevices ?? []).Select(
        device => $"{device.Address} {device.Name}{(device.Present ? "" : " missing")}"));
}
