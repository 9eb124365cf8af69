using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Bus;

/// <summary>No broker, whatever it does, costs a command or an answer.</summary>
[Collection(nameof(Bus))]
[OutOfProcess]
public sealed class BrokerLossTests(BrokerFixture broker)
{
    private const int Machines = 24;
    private const string Devices = "28:00.0|10GE,28:00.1|10GE,28:00.2|10GE,28:00.3|10GE,28:00.4|10GE,28:00.5|10GE,28:00.6|10GE,28:00.7|10GE,"
        + "29:00.0|10GE,29:00.1|10GE,29:00.2|10GE,29:00.3|10GE";

    private static readonly TimeSpan Carried = TimeSpan.FromSeconds(38);
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;

    [Fact]
    public Task EveryDeployment_EndsRunning_WhenTheBrokerIsKilled() => RunAsync(losesEverything: false);

    [OnlyInAll("half a minute of processes")]
    [Fact]
    public Task EveryDeployment_EndsRunning_WhenTheBrokerForgetsEverything() => RunAsync(losesEverything: true);

    private async Task RunAsync(bool losesEverything)
    {
        await using var cluster = await DistributedCluster.StartAsync(broker, 2, Devices, _token);
        Assert.SkipWhen(broker.Node is null, "this broker is not the test's to kill");
        var scene = await TestScene.CreateAsync(cluster.Api, "10GE");
        for (var vm = 1; vm <= Machines; vm++)
        {
            await scene.RequestAsync($"vm{vm}");
            // Commands on their way, answers on theirs, and commands nobody has sent yet.
            if (vm == Machines / 3) await broker.Node!.KillAsync();
            if (vm == 2 * Machines / 3)
            {
                if (losesEverything) broker.Node!.Wipe();
                await broker.Node!.StartAsync(_token);
            }
        }

        await cluster.UntilAsync(
            async () => (await cluster.Api.CallAsync("listVirtualMachines", ("state", "Running")))["count"]?.ToString() == $"{Machines}",
            Carried,
            _token);

        // A copy whose sending was cut off goes out once more, when its lease has ended.
        await cluster.Judge.RestsAsync(Carried, _token);
        Assert.Equal([$"{Machines}"], cluster.Judge.Rows("SELECT '' || count(DISTINCT instance_id) FROM op_host_pci_devices WHERE instance_id IS NOT NULL"));
    }
}
