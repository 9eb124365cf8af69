using PciBus.Tests.EndToEnd;

namespace PciBus.Tests.Lab;

/// <summary>What goes wrong, by real causes: there is no hook in the agent for them.</summary>
internal sealed partial class Scenarios
{
    /// <summary>A domain that somebody has started by hand holds the device when it is to be attached, and is then destroyed.</summary>
    private async Task<string> TakenAtTheDestinationAsync(CancellationToken cancellationToken)
    {
        var vm = await scene.DeployAsync(scene.First, cancellationToken);
        var job = await scene.Api.CallAsync("migrateVirtualMachine", ("virtualmachineid", vm));
        await scene.UntilStepAsync(job, ["Migrating"], cancellationToken);
        // The destination has looked at the device by now.
        var card = (await scene.CardsOfAsync(scene.Second, vm)).Single();
        await scene.Second.StartHolderAsync(card, cancellationToken);
        await scene.Second.WaitForAgentLogAsync("AttachPciDevicesCommand for VM .*: False", cancellationToken);
        await scene.Second.EndHolderAsync(cancellationToken);
        var moved = (await scene.WaitAsync(job, cancellationToken))["virtualmachine"]!;
        Expect("hostname", scene.Second.Name, (string?)moved["hostname"]);
        await scene.LeaseAsync(scene.Second, vm, cancellationToken);
        await scene.AgreeAsync(cancellationToken);
        var now = (await scene.CardsOfAsync(scene.Second, vm)).Single();
        return now == card ? "the second attempt had the same card" : "it was given the other card";
    }

    /// <summary>Libvirt goes on alone; the agent that is started again finds what has become of it.</summary>
    private async Task<string> AgentKilledAsync(CancellationToken cancellationToken)
    {
        var vm = await scene.DeployAsync(scene.First, cancellationToken);
        var job = await scene.Api.CallAsync("migrateVirtualMachine", ("virtualmachineid", vm));
        await scene.First.WaitForJobAsync(vm, cancellationToken);
        await scene.First.EndAgentAsync("KILL", cancellationToken);
        var began = TimeProvider.System.GetTimestamp();
        await scene.First.StartAgentAsync("", cancellationToken);
        var outcome = "the migration had succeeded";
        try
        {
            await scene.WaitAsync(job, cancellationToken);
        }
        catch (ApiError error)
        {
            outcome = $"the job says: {error.Text}";
        }

        await scene.SettledAsync(vm, cancellationToken);
        var took = TimeProvider.System.GetElapsedTime(began);
        var stays = (await scene.Api.CallAsync("listVirtualMachines", ("id", vm)))["virtualmachine"]![0]!;
        Expect("state", "Running", (string?)stays["state"]);
        await scene.LeaseAsync((string?)stays["hostname"] == scene.First.Name ? scene.First : scene.Second, vm, cancellationToken);
        await scene.AgreeAsync(cancellationToken);
        return $"{outcome}; settled {Seconds(took)} after the kill, on {stays["hostname"]}";
    }

    private async Task<string> PoweredOffAsync(CancellationToken cancellationToken)
    {
        var vm = await scene.DeployAsync(scene.First, cancellationToken);
        var host = (string)(await scene.Api.CallAsync("listHosts", ("name", scene.First.Name)))["host"]![0]!["id"]!;
        var held = await scene.CardsOfAsync(scene.First, vm);
        await scene.First.PowerOffAsync();
        await scene.UntilHostAsync(scene.First, "Alert", cancellationToken);
        if (!held.SequenceEqual(await scene.CardsOfAsync(scene.First, vm))) throw new InvalidOperationException("silence has freed a device");
        await scene.Api.CallAsync("declareHostDown", ("id", host));
        var began = TimeProvider.System.GetTimestamp();
        await scene.LeaseAsync(scene.Second, vm, cancellationToken);
        var took = TimeProvider.System.GetElapsedTime(began);
        if (!held.SequenceEqual(await scene.CardsOfAsync(scene.First, vm))) throw new InvalidOperationException("a host that is down has freed a device");
        scene.First.PowerOn();
        await scene.First.WaitUntilUpAsync(cancellationToken);
        await scene.First.StartAgentAsync("", cancellationToken);
        await scene.UntilUpAsync(scene.First, cancellationToken);
        await Condition.BecomesTrueAsync(
            async () => (await scene.CardsOfAsync(scene.First, vm)).Count == 0, TimeSpan.FromMinutes(2), () => "the card on the host that came back is not free", cancellationToken);
        await scene.AgreeAsync(cancellationToken);
        return $"restarted, and driving the other host's card, {Seconds(took)} after it was declared down";
    }
}
