using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;
using Xunit;

namespace PciBus.Tests.Agent.Commands;

public sealed class CommandsTests
{
    private readonly Guid _vm = Guid.NewGuid();

    [Fact]
    public async Task StartAndStop_GiveAndTakeTheDevices()
    {
        await using var rig = await AgentRig.RegisteredAsync();

        var started = await rig.AskAsync(rig.Start(_vm, AgentRig.First, AgentRig.Second));
        Assert.True(started is { Result: true, Observed: Observation.Running, Session: 1 });
        Assert.Equal([AgentRig.First, AgentRig.Second], started.PciDevices!);

        var stopped = await rig.AskAsync(rig.Stop(_vm, AgentRig.First, AgentRig.Second));
        Assert.True(stopped is { Result: true, Observed: Observation.Off });
        Assert.Empty(stopped.PciDevices!);
        Assert.Equal([true, true], stopped.Cleaned.Select(device => device.Clean));
        Assert.True(stopped.Sequence > started.Sequence);
        Assert.Equal(6, rig.Attachments.Count);
    }

    [Fact]
    public async Task Start_AnswersLibvirtsText_WhenADeviceIsInUse()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        var holder = rig.Start(Guid.NewGuid(), AgentRig.First);
        await rig.AskAsync(holder);

        var answer = await rig.AskAsync(rig.Start(_vm, AgentRig.First));

        Assert.True(answer is { Result: false, NotBegun: false, Observed: Observation.Off });
        Assert.Equal(
            $"Requested operation is not valid: PCI device 0000:28:00.1 is in use by driver QEMU, domain {holder.VmName}", answer.Details);
    }

    /// <summary>Management learns by a report, which may be under way: the hypervisor itself would not refuse.</summary>
    [Fact]
    public async Task DeviceThatTheHostNeeds_IsNotGiven_AndIsTaken()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        await rig.AskAsync(rig.Start(_vm, AgentRig.First));
        rig.Simulator.Faults = new() { Unusable = [AgentRig.First, AgentRig.Second] };
        const string second = "not begun: the host does not give 0000:28:00.2 away: ";

        var started = await rig.AskAsync(rig.Start(Guid.NewGuid(), AgentRig.Second));
        var attached = await rig.AskAsync(rig.Attach(_vm, AgentRig.Second));
        var stopped = await rig.AskAsync(rig.Stop(_vm, AgentRig.First));

        Assert.True(started is { NotBegun: true, Observed: Observation.Off });
        Assert.StartsWith(second, started.Details, StringComparison.Ordinal);
        Assert.True(attached is { NotBegun: true, Observed: Observation.Running });
        Assert.StartsWith(second, attached.Details, StringComparison.Ordinal);
        Assert.True(stopped is { Result: true, Observed: Observation.Off });
    }

    [Theory]
    [InlineData("boot")]
    [InlineData("serial")]
    [InlineData("product")]
    [InlineData("name")]
    public async Task Start_IsNotBegun_WhenSomethingIsAnother(string what)
    {
        await using var rig = await AgentRig.RegisteredAsync();
        var other = rig.Start(Guid.NewGuid());
        await rig.AskAsync(other);
        var start = rig.Start(_vm, AgentRig.First);
        var device = new PciDeviceTO { Address = AgentRig.First };

        var answer = await rig.AskAsync(what switch
        {
            "boot" => start with { BootId = "another" },
            "serial" => start with { Vm = start.Vm with { PciDevices = [device with { Serial = "another" }] } },
            "product" => start with { Vm = start.Vm with { PciDevices = [device with { ProductId = "zzzz" }] } },
            _ => start with { Vm = start.Vm with { Name = other.VmName } },
        });

        Assert.True(answer is { Result: false, NotBegun: true, Observed: Observation.Off });
        Assert.StartsWith("not begun:", answer.Details, StringComparison.Ordinal);
        if (what == "name") Assert.Contains(other.VmUuid.ToString(), answer.Details, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Repeat_IsAnsweredFromTheJournal_AlsoAfterACrash()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        await rig.AskAsync(rig.Start(_vm, AgentRig.First));
        var reboot = rig.Reboot(_vm);
        Assert.True((await rig.AskAsync(reboot)).Result);
        Assert.True((await rig.AskAsync(reboot)).Result);
        await rig.CrashAsync();
        Assert.True((await rig.AskAsync(reboot with { Session = 2 })) is { Result: true, Observed: Observation.Running, Session: 2 });

        var file = Path.Combine(rig.DataFolder, "simulator", "domains", $"{_vm}.json");
        Assert.Equal(2, StateFile.Read<SimulatedDomain>(file, "")!.Boots);
    }

    [Fact]
    public async Task Repeat_AnswersUnderWay_WhileTheCommandRuns()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        rig.Simulator.Faults = new() { HangStarts = 1 };
        var start = rig.Start(_vm, AgentRig.First);
        await rig.ReceiveAsync(start);
        var repeat = await rig.AskAsync(start);
        Assert.True(repeat is { Result: false, NotBegun: false, Observed: Observation.UnderWay });

        rig.Simulator.Faults = new();
        await rig.UntilAsync(() => rig.AnswersTo(start).Count == 2);
        Assert.True(rig.AnswersTo(start)[1] is { Result: true, Observed: Observation.Running });
        Assert.Single(rig.Attachments, line => line.Event == Attachment.Start);
    }

    /// <summary>As on a full disk.</summary>
    [Fact]
    public async Task Start_ThatTheDiskDoesNotTake_HasFailed_AndTheVmIsOff()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        var domains = Path.Combine(rig.DataFolder, "simulator", "domains");
        Directory.Move(domains, domains + ".away");

        var answer = await rig.AskAsync(rig.Start(_vm, AgentRig.First));

        Assert.True(answer is { Result: false, Observed: Observation.Off });
        Assert.StartsWith("internal error: unable to write the domain's state: ", answer.Details, StringComparison.Ordinal);
        Directory.Move(domains + ".away", domains);
        Assert.True((await rig.AskAsync(rig.Start(_vm, AgentRig.First))).Result);
        Assert.Equal(["start", "attach", "end", "detach", "start", "attach"], rig.Attachments.Select(line => line.Event));
    }

    [Fact]
    public async Task Stop_ComesBackStillRunning_WhenTheGuestDoesNotObey()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        await rig.AskAsync(rig.Start(_vm, AgentRig.First));
        rig.Simulator.Faults = new() { IgnoreShutdown = true };

        var answer = await rig.AskAsync(rig.Stop(_vm, AgentRig.First) with { Wait = 5 });
        Assert.True(answer is { Result: false, Observed: Observation.Running, Cleaned.Count: 0 });
        Assert.Equal("the guest did not shut down within 5 s", answer.Details);

        var forced = await rig.AskAsync(rig.Stop(_vm, AgentRig.First) with { ForceStop = true });
        Assert.True(forced is { Result: true, Observed: Observation.Off });
    }

    [Fact]
    public async Task CheckBeforeCleanup_TouchesNothingThatRuns()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        await rig.AskAsync(rig.Start(_vm, AgentRig.First));
        rig.Simulator.Pause(_vm);
        var settle = await rig.AskAsync(rig.Stop(_vm, AgentRig.First) with { CheckBeforeCleanup = true });
        Assert.True(settle is { Result: false, Observed: Observation.Running });
        Assert.Contains("still running", settle.Details, StringComparison.Ordinal);

        rig.Simulator.PowerOff(_vm);
        settle = await rig.AskAsync(rig.Stop(_vm, AgentRig.First) with { CheckBeforeCleanup = true });
        Assert.True(settle is { Result: true, Observed: Observation.Off });
        Assert.True(Assert.Single(settle.Cleaned).Clean);
    }

    [Fact]
    public async Task Stop_SaysWhichDeviceIsNotClean_UnlessTheHostRebootedSince()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        await rig.AskAsync(rig.Start(_vm, AgentRig.First));
        rig.Simulator.Faults = new() { NotClean = [AgentRig.First] };

        var dirty = await rig.AskAsync(rig.Stop(_vm, AgentRig.First));
        Assert.True(dirty is { Result: true, Observed: Observation.Off });
        Assert.False(Assert.Single(dirty.Cleaned).Clean);

        var afterReboot = await rig.AskAsync(rig.Stop(_vm, AgentRig.First) with { BootId = "an earlier one" });
        Assert.True(Assert.Single(afterReboot.Cleaned).Clean);
    }

    [Fact]
    public async Task Interrupted_IsUnknown_UntilNothingWasSeenForTheSettleTime()
    {
        await using var rig = await AgentRig.RegisteredAsync("simulator.start.time=2s");
        var start = rig.Start(_vm, AgentRig.First);
        await rig.ReceiveAsync(start);
        await rig.UntilAsync(() => rig.Attachments.Count > 0);
        rig.Node.Kill();
        File.Delete(Path.Combine(rig.DataFolder, "simulator", "domains", $"{_vm}.json"));
        await rig.StartNodeAsync();
        await rig.RegisterAsync();

        Assert.True((await rig.AskAsync(rig.Check(_vm))) is { Observed: Observation.Unknown, PciDevices: null });
        Assert.True((await rig.AskAsync(start with { Session = 2 })) is { Result: false, Observed: Observation.Unknown });
        var stop = await rig.AskAsync(rig.Stop(_vm, AgentRig.First) with { ForceStop = true });
        Assert.True(stop is { Result: false, Observed: Observation.Unknown, Cleaned.Count: 0 });

        await rig.PassAsync(TimeSpan.FromSeconds(12));
        Assert.Equal(Observation.Off, (await rig.AskAsync(rig.Check(_vm))).Observed);
    }

    [Fact]
    public async Task Interrupted_BecomesRunning_WhenTheHypervisorFinishesWithoutTheAgent()
    {
        await using var rig = await AgentRig.RegisteredAsync("simulator.start.time=2s");
        var start = rig.Start(_vm, AgentRig.First);
        await rig.ReceiveAsync(start);
        await rig.UntilAsync(() => rig.Attachments.Count > 0);
        await rig.CrashAsync();

        Assert.Equal(Observation.UnderWay, (await rig.AskAsync(rig.Check(_vm))).Observed);
        await rig.PassAsync(TimeSpan.FromSeconds(3));
        Assert.True((await rig.AskAsync(start with { Session = 2, Number = 99 })) is { Result: true, Observed: Observation.Running });
        Assert.Equal(AgentRig.StartedBy, rig.AnswersTo(start)[^1].StartedBy);
        var stop = await rig.AskAsync(rig.Stop(_vm, AgentRig.First) with { Number = 100 });
        Assert.True(stop is { Result: true, Observed: Observation.Off, StartedBy: null });
    }

    [Fact]
    public async Task BrokenConnection_IsUnknown_NeverOff()
    {
        await using var rig = await AgentRig.RegisteredAsync("simulator.start.time=1s");
        rig.Simulator.Faults = new() { DisconnectStarts = 1 };

        var answer = await rig.AskAsync(rig.Start(_vm, AgentRig.First));
        Assert.False(answer.Result);
        Assert.Equal("internal error: client socket is closed", answer.Details);
        Assert.NotEqual(Observation.Off, answer.Observed);
    }

    [Fact]
    public async Task Lanes_RunInParallel_UpToTheWorkers()
    {
        await using var rig = await AgentRig.RegisteredAsync("workers=2");
        rig.Simulator.Faults = new() { HangStarts = 2 };
        var vms = Enumerable.Range(0, 3).Select(_ => rig.Start(Guid.NewGuid())).ToList();
        foreach (var start in vms) await rig.ReceiveAsync(start);

        await rig.UntilAsync(() => rig.Attachments.Count == 2);
        await rig.PassAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(2, rig.Attachments.Count);
        rig.Simulator.Faults = new();
        await rig.UntilAsync(() => vms.All(start => rig.AnswersTo(start).Count == 1));
    }

    [Fact]
    public async Task Repeat_IsNeverOff_WhileTheCommandWaitsForAWorker()
    {
        await using var rig = await AgentRig.RegisteredAsync("workers=1");
        rig.Simulator.Faults = new() { HangStarts = 1 };
        await rig.ReceiveAsync(rig.Start(Guid.NewGuid()));
        await rig.UntilAsync(() => rig.Attachments.Count == 1);
        var start = rig.Start(_vm, AgentRig.First);
        await rig.ReceiveAsync(start);

        Assert.Equal(Observation.UnderWay, (await rig.AskAsync(start)).Observed);
        Assert.Equal(Observation.Off, (await rig.AskAsync(rig.Check(_vm))).Observed);
        rig.Simulator.Faults = new();
        await rig.UntilAsync(() => rig.AnswersTo(start).Count == 2);
        Assert.True(rig.AnswersTo(start)[1] is { NotBegun: true, Observed: Observation.Off });
    }

    [Fact]
    public async Task GracefulStops_DoNotTakeTheWorkers()
    {
        await using var rig = await AgentRig.RegisteredAsync("workers=1");
        await rig.AskAsync(rig.Start(_vm));
        rig.Simulator.Faults = new() { IgnoreShutdown = true };
        var stop = rig.Stop(_vm);
        await rig.ReceiveAsync(stop);
        await rig.PassAsync(TimeSpan.FromSeconds(1));

        Assert.True((await rig.AskAsync(rig.Start(Guid.NewGuid()))).Result);
        Assert.Empty(rig.AnswersTo(stop));
    }

    [Fact]
    public async Task Reset_LeavesADeviceAlone_ThatADomainHolds()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        var device = new PciDeviceTO { Id = 3, Address = AgentRig.First };
        var reset = new ResetPciDeviceCommand { CommandId = Guid.NewGuid(), Session = 1, Device = device };
        await rig.ReceiveAsync(reset);
        await rig.AskAsync(rig.Start(_vm, AgentRig.First));
        await rig.ReceiveAsync(reset);
        await rig.ReceiveAsync(reset with { Session = 9 });

        var answers = rig.Link.Sent<ResetPciDeviceAnswer>();
        Assert.Equal([true, false, false], answers.Select(answer => answer.Result));
        Assert.Equal("internal error: Not resetting active device 0000:28:00.1", answers[1].Details);
        Assert.StartsWith("not begun:", answers[2].Details, StringComparison.Ordinal);
    }
}
