using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using Xunit;

namespace PciBus.Tests.Agent.Registration;

public sealed class AgentRegistrationTests
{
    private readonly Guid _vm = Guid.NewGuid();

    [Fact]
    public async Task Announce_CarriesWhatTheHostLooksLike()
    {
        await using var rig = await AgentRig.StartAsync("zone=z1", "simulator.cpus=8", "host.tags=fast");
        rig.WriteProperties("28:00.1|10GE");
        await rig.UntilAsync(() => rig.Link.Sent<StartupRoutingCommand>().Count > 0);

        var startup = rig.Link.Sent<StartupRoutingCommand>()[0];
        Assert.Equal(("kvm1", "z1", 8), (startup.Guid, startup.DataCenter, startup.Cpus));
        Assert.Equal(["fast"], startup.HostTags);
        Assert.Equal([AgentRig.First, AgentRig.Second], startup.Report.PciDevices!.Select(device => device.Address));
        Assert.All(startup.Report.PciDevices!, device => Assert.True(device.Present && device.Name == "10GE" && device.VendorId == "8086"));
        Assert.NotEmpty(startup.Report.BootId);
        Assert.Empty(startup.Report.VirtualMachines!);
    }

    [Fact]
    public async Task Announce_NamesTheMachine_WhichOutlivesAgentAndGuid()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        var machine = rig.Link.Sent<StartupRoutingCommand>()[^1].Machine;
        Assert.NotEmpty(machine);

        rig.Node.Kill();
        await File.WriteAllTextAsync(
            rig.PropertiesPath,
            (await File.ReadAllTextAsync(rig.PropertiesPath, TestContext.Current.CancellationToken)).Replace("guid=kvm1", "guid=new", StringComparison.Ordinal),
            TestContext.Current.CancellationToken);
        await rig.StartNodeAsync();
        await rig.UntilAsync(() => rig.Link.Sent<StartupRoutingCommand>().Count > 0);

        var startup = rig.Link.Sent<StartupRoutingCommand>()[^1];
        Assert.Equal(("new", machine), (startup.Guid, startup.Machine));
    }

    [Fact]
    public async Task Announce_NamesTheMachineOfAgentProperties()
    {
        await using var rig = await AgentRig.RegisteredAsync("machine.id=4c4c4544-0042");

        Assert.Equal("4c4c4544-0042", rig.Link.Sent<StartupRoutingCommand>()[^1].Machine);
    }

    [Fact]
    public async Task Announce_TakesNoAnswerWithAnotherNonce()
    {
        await using var rig = await AgentRig.StartAsync();
        await rig.UntilAsync(() => rig.Link.Sent<StartupRoutingCommand>().Count >= 2);
        var sent = rig.Link.Sent<StartupRoutingCommand>();
        Assert.Equal(sent.Count, sent.Select(command => command.Nonce).Distinct().Count());

        await rig.ReceiveAsync(new StartupAnswer { Result = true, Nonce = sent[0].Nonce, Session = 5, PingInterval = 60 });
        await rig.ReceiveAsync(new StartupAnswer { Result = true, Nonce = Guid.Empty, Session = 6, PingInterval = 60 });
        Assert.Equal(0, rig.Node.Session.Number);

        await rig.ReceiveAsync(new StartupAnswer
        {
            Result = true,
            Nonce = rig.Link.Sent<StartupRoutingCommand>()[^1].Nonce,
            Session = 7,
            PingInterval = 60,
        });
        Assert.Equal(7, rig.Node.Session.Number);
    }

    [Fact]
    public async Task Announce_GoesOn_WhenTheHostIsRefused()
    {
        await using var rig = await AgentRig.StartAsync();
        await rig.UntilAsync(() => rig.Link.Sent<StartupRoutingCommand>().Count > 0);
        var nonce = rig.Link.Sent<StartupRoutingCommand>()[^1].Nonce;
        await rig.ReceiveAsync(new StartupAnswer { Result = false, Nonce = nonce, Details = "no" });

        await rig.UntilAsync(() => rig.Link.Sent<StartupRoutingCommand>().Count >= 3);
        Assert.Equal(0, rig.Node.Session.Number);
    }

    [Fact]
    public async Task Ping_ComesAtEachInterval_WithAGrowingSequence()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        await rig.UntilAsync(() => rig.Link.Sent<PingRoutingCommand>().Count >= 3);

        var pings = rig.Link.Sent<PingRoutingCommand>();
        Assert.All(pings, ping => Assert.Equal(1, ping.Report.Session));
        Assert.True(pings.Zip(pings.Skip(1)).All(pair => pair.First.Report.Sequence < pair.Second.Report.Sequence));
        Assert.InRange(pings[2].SentAt - pings[1].SentAt, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(61));
    }

    [Fact]
    public async Task Ping_ComesAtOnce_WhenTheListOfDevicesChanged()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        rig.WriteProperties("28:00.1|40GE,bad");

        await rig.UntilAsync(() => rig.Link.Sent<PingRoutingCommand>().Any(ping => ping.Report.BadPciDevices.Count > 0));
        var ping = rig.Link.Sent<PingRoutingCommand>()[^1];
        Assert.True(ping.OutOfBand);
        Assert.Equal("40GE", Assert.Single(ping.Report.PciDevices!).Name);
    }

    [Fact]
    public async Task Rename_LeavesTheDevicesIdentityAlone()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        var before = rig.Link.Sent<StartupRoutingCommand>()[0].Report.PciDevices![0];
        rig.WriteProperties("28:00.1|40GE");
        await rig.CrashAsync();

        Assert.Equal(before with { Name = "40GE" }, Assert.Single(rig.Link.Sent<StartupRoutingCommand>()[0].Report.PciDevices!));
    }

    [Fact]
    public async Task Ping_ComesAtOnce_WhenADomainPoweredItselfOff()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        await rig.AskAsync(rig.Start(_vm, AgentRig.First));
        await rig.UntilAsync(() => rig.Link.Sent<PingRoutingCommand>().Count > 0);
        var before = rig.Time.GetUtcNow();
        var pings = rig.Link.Sent<PingRoutingCommand>().Count;

        Assert.True(rig.Simulator.PowerOff(_vm));

        await rig.UntilAsync(() => rig.Link.Sent<PingRoutingCommand>().Count > pings);
        var ping = rig.Link.Sent<PingRoutingCommand>()[^1];
        Assert.True(ping.OutOfBand);
        Assert.Empty(ping.Report.VirtualMachines!);
        Assert.True(ping.SentAt - before < TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task SendStartup_OfThisSession_MakesTheAgentAnnounceAgain()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        await rig.ReceiveAsync(new PingAnswer { SendStartup = true, Session = 99 });
        Assert.Equal(1, rig.Node.Session.Number);

        await rig.ReceiveAsync(new PingAnswer { SendStartup = true, Session = 1 });
        await rig.UntilAsync(() => rig.Link.Sent<StartupRoutingCommand>().Count >= 2);
        Assert.Equal(1, rig.Link.Sent<StartupRoutingCommand>()[^1].PreviousSession);

        // What comes meanwhile waits for the session, and is refused as one of the session before.
        await rig.ReceiveAsync(rig.Start(_vm, AgentRig.First));
        Assert.Empty(rig.Link.Sent<StartAnswer>());
        await rig.RegisterAsync();
        await rig.UntilAsync(() => rig.Link.Sent<StartAnswer>().Count == 1);
        Assert.True(rig.Link.Sent<StartAnswer>().Single().NotBegun);
    }

    [Fact]
    public async Task Command_ThatOvertakesItsSession_IsCarriedOutWhenThatBegins()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        await rig.ReceiveAsync(new PingAnswer { SendStartup = true, Session = 1 });
        await rig.UntilAsync(() => rig.Link.Sent<StartupRoutingCommand>().Count >= 2);
        var early = rig.Start(_vm, AgentRig.First) with { Session = 2 };

        await rig.ReceiveAsync(early);
        await rig.RegisterAsync();

        await rig.UntilAsync(() => rig.AnswersTo(early).Count == 1);
        Assert.True(rig.AnswersTo(early).Single() is { Result: true, Observed: Observation.Running });
    }

    [Fact]
    public async Task Reboot_OfTheHost_MakesTheAgentAnnounceAgain()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        await rig.AskAsync(rig.Start(_vm, AgentRig.First));
        rig.Simulator.RebootHost(Guid.NewGuid());

        await rig.UntilAsync(() => rig.Link.Sent<StartupRoutingCommand>().Count >= 2);
        Assert.Equal(0, rig.Node.Session.Number);
        Assert.Empty(rig.Link.Sent<StartupRoutingCommand>()[^1].Report.VirtualMachines!);
    }

    [Fact]
    public async Task Report_SaysUnknown_WhenTheHypervisorIsNotThere()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        rig.Simulator.Faults = new() { Unreachable = true };
        var pings = rig.Link.Sent<PingRoutingCommand>().Count;
        await rig.UntilAsync(() => rig.Link.Sent<PingRoutingCommand>().Count > pings + 1);

        var report = rig.Link.Sent<PingRoutingCommand>()[^1].Report;
        Assert.Null(report.VirtualMachines);
        Assert.Null(report.PciDevices);
        Assert.Equal(3, report.Warnings.Count);
        Assert.Equal(Observation.Unknown, (await rig.AskAsync(rig.Check(_vm))).Observed);
    }

    [Fact]
    public async Task Stop_SaysGoodBye_AndKillDoesNot()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        rig.Node.Kill();
        Assert.Empty(rig.Link.Sent<ShutdownCommand>());

        await rig.StartNodeAsync();
        await rig.RegisterAsync();
        await rig.StopAsync();
        var goodBye = Assert.Single(rig.Link.Sent<ShutdownCommand>());
        Assert.Equal((ShutdownCommand.SigKill, 2), (goodBye.Reason, goodBye.Session));
    }

    [Fact]
    public async Task Start_OfASecondAgentOnTheFolder_IsRefusedByPid()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        var first = rig.Node;

        var refusal = await Assert.ThrowsAsync<IOException>(rig.StartNodeAsync);
        Assert.Contains($"process {Environment.ProcessId}", refusal.Message, StringComparison.Ordinal);
        first.Kill();
    }
}
