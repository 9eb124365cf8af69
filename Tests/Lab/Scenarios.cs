using System.Globalization;
using System.Text.RegularExpressions;
using PciBus.Tests.EndToEnd;

namespace PciBus.Tests.Lab;

/// <summary>What an operator does, and what must come of it.</summary>
internal sealed partial class Scenarios(LabScene scene)
{
    public IReadOnlyList<(string Number, string Name, Func<CancellationToken, Task<string>> Run)> All =>
    [
        ("1", "deploy with a card; the guest drives it", DeployAsync),
        ("2", "live migration by detach and attach; the guest drives the other host's card", MigrateAsync),
        ("3", "a guest without hotplug: refused, rolled back", DeafGuestAsync),
        ("4", "the destination's card is taken by a domain started by hand, which ends", TakenAtTheDestinationAsync),
        ("6", "the source's agent is killed in mid-migration", AgentKilledAsync),
        ("9", "a host is powered off: nothing is freed, declared down, started on the other", PoweredOffAsync),
    ];

    private async Task<string> DeployAsync(CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        var vm = await scene.DeployAsync(scene.First, cancellationToken);
        var drives = TimeProvider.System.GetElapsedTime(began);
        await scene.RunAsync("stopVirtualMachine", ("id", vm), ("forced", true));
        await scene.AgreeAsync(cancellationToken);
        return $"card driven {Seconds(drives)} after the request";
    }

    private async Task<string> MigrateAsync(CancellationToken cancellationToken)
    {
        var vm = await scene.DeployAsync(scene.First, cancellationToken);
        var boot = await scene.LeaseAsync(scene.First, vm, cancellationToken);
        var began = TimeProvider.System.GetTimestamp();
        var moved = (await scene.RunAsync("migrateVirtualMachine", ("virtualmachineid", vm)))["virtualmachine"]!;
        var took = TimeProvider.System.GetElapsedTime(began);
        Expect("hostname", scene.Second.Name, (string?)moved["hostname"]);
        Expect("state", "Running", (string?)moved["state"]);
        Expect("the guest's boot", boot, await scene.LeaseAsync(scene.Second, vm, cancellationToken));
        await scene.AgreeAsync(cancellationToken);
        var absent = (await scene.StoryAsync(vm)).Select(text => Absence().Match(text)).FirstOrDefault(match => match.Success)?.Groups[1].Value;
        return $"migrated in {Seconds(took)}, without its card for {absent ?? "an unknown time"}";
    }

    private async Task<string> DeafGuestAsync(CancellationToken cancellationToken)
    {
        await scene.RestartAgentAsync(scene.First, "acpiphp.disable=1", cancellationToken);
        try
        {
            var vm = await scene.DeployAsync(scene.First, cancellationToken);
            var began = TimeProvider.System.GetTimestamp();
            var refused = "";
            try
            {
                await scene.RunAsync("migrateVirtualMachine", ("virtualmachineid", vm));
            }
            catch (ApiError error)
            {
                refused = error.Text;
            }

            var took = TimeProvider.System.GetElapsedTime(began);
            if (!refused.StartsWith($"Unable to migrate: {scene.First.Name}: not detached: ", StringComparison.Ordinal)) throw new InvalidOperationException($"expected a refusal, and not: {refused}");
            var stayed = (await scene.Api.CallAsync("listVirtualMachines", ("id", vm)))["virtualmachine"]![0]!;
            Expect("hostname", scene.First.Name, (string?)stayed["hostname"]);
            Expect("state", "Running", (string?)stayed["state"]);
            await scene.AgreeAsync(cancellationToken);
            await scene.ClearAsync();
            return $"refused after {Seconds(took)}, of which 30 s are the guest's";
        }
        finally
        {
            await scene.RestartAgentAsync(scene.First, "", cancellationToken);
        }
    }

    [GeneratedRegex(@"without devices for ([0-9.]+ m?s)")]
    private static partial Regex Absence();

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s");

    private static void Expect(string what, string expected, string? found)
    {
        if (expected != found) throw new InvalidOperationException($"{what} is {found}, and should be {expected}");
    }
}
