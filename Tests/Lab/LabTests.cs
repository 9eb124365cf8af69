using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Lab;

/// <summary>The whole story on real VFIO: management, agents, libvirt and guests that drive what they are given.</summary>
[Collection(LabFixture.Name)]
[OutOfProcess]
[OnlyInAll("emulated hosts")]
public sealed class LabTests(LabFixture lab, BrokerFixture broker) : IAsyncLifetime
{
    private static readonly TimeSpan Reported = TimeSpan.FromSeconds(30);

    private LabCluster _cluster = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        LabFixture.Require();
        _cluster = await LabCluster.StartAsync(lab, broker, "01:00.0|10GE,02:00.0|10GE", Token);
    }

    public ValueTask DisposeAsync() => _cluster is null ? ValueTask.CompletedTask : _cluster.DisposeAsync();

    [Fact]
    public async Task VmWithADevice_DrivesIt_AndThatOfTheOtherHost_AfterALiveMigration()
    {
        var scene = await _cluster.CreateSceneAsync("10GE");
        var vmId = (string)(await scene.DeployAsync("web1", await _cluster.HostIdAsync(lab.First)))["virtualmachine"]!["id"]!;
        var guest = new LabGuest("web1", Guid.Parse(vmId));
        Assert.Contains("lease of 10.77.1.", await guest.SaysAsync(lab.First, "GUEST-LEASE", Token), StringComparison.Ordinal);
        await AgreeAsync(vmId, "lab1 0000:01:00.0");

        var moved = (await _cluster.Api.RunAsync("migrateVirtualMachine", ("virtualmachineid", vmId)))["virtualmachine"]!;

        Assert.Equal(("Running", "lab2"), ((string)moved["state"]!, (string)moved["hostname"]!));
        Assert.Contains("lease of 10.77.1.", await guest.SaysAsync(lab.Second, "GUEST-LEASE", Token), StringComparison.Ordinal);
        await AgreeAsync(vmId, "lab2 0000:01:00.0");
        var events = (await _cluster.Api.CallAsync("listEvents", ("type", "VM.MIGRATE")))["event"]!.Select(one => (string)one["description"]!).ToList();
        Assert.Contains(events, text => text.Contains("without devices for ", StringComparison.Ordinal));
        foreach (var text in events) TestContext.Current.TestOutputHelper!.WriteLine(text);
        await _cluster.Api.RunAsync("stopVirtualMachine", ("id", vmId), ("forced", true));
        await AgreeAsync(vmId);
    }

    /// <summary>What libvirt shows of the domain, and what listPciDevices says, is this.</summary>
    private async Task AgreeAsync(string vmId, params string[] devices)
    {
        var (owned, shown) = (await _cluster.OwnedAsync(vmId), await _cluster.ShownAsync(vmId, Token));
        Assert.Equal(devices, shown);
        await Patience.UntilAsync(
            async () => (owned = await _cluster.OwnedAsync(vmId)).SequenceEqual(devices), Reported, () => string.Join(", ", owned), Token);
    }
}
