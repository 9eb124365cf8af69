using System.Net.Http.Json;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.EndToEnd;

/// <summary>Somebody starts the domain of a virtual machine by hand, on another host.</summary>
[OutOfProcess]
[OnlyInAll("a quarter of a minute of processes")]
public sealed class CopyTests : IAsyncLifetime
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);
    private readonly ManagementProcess _management = new(Directory.CreateTempSubdirectory("pcibus-e2e").FullName);
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _management.DisposeAsync();
        Directory.Delete(_management.DataFolder, recursive: true);
    }

    [Fact]
    public async Task A_machine_that_another_host_runs_is_not_started_until_that_host_says_off()
    {
        var control = FreePort.Next();
        _management.AddHost("kvm1", "guid-1", "28:00.1|10GE");
        _management.AddHost("kvm2", "guid-2", "28:00.1|NVME", $"simulator.control.port={control}");
        await _management.StartAsync(2, _token);
        var scene = await TestScene.CreateAsync(_management.Api, "10GE");
        var id = (string)(await scene.DeployAsync("web1"))["virtualmachine"]!["id"]!;
        await _management.Api.RunAsync("stopVirtualMachine", ("id", id));

        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{control}") };
        using var started = await http.PostAsJsonAsync("/domains", new { uuid = id, name = "by-hand", pciDevices = Array.Empty<string>() }, _token);
        started.EnsureSuccessStatusCode();
        await Patience.UntilAsync(() => Alerts().Count == 1, Soon, () => _management.Output, _token);

        var refused = await Assert.ThrowsAsync<ApiError>(() => _management.Api.RunAsync("startVirtualMachine", ("id", id)));
        Assert.Contains("web1 was seen to run on kvm2: it is started nowhere until that host says that it is off", refused.Text, StringComparison.Ordinal);

        using var ended = await http.PostAsync(new Uri($"/domains/{id}/poweroff", UriKind.Relative), null, _token);
        ended.EnsureSuccessStatusCode();
        await Patience.UntilAsync(() => Alerts().Count == 0, Soon, () => _management.Output, _token);
        var again = (await _management.Api.RunAsync("startVirtualMachine", ("id", id)))["virtualmachine"]!;
        Assert.Equal(("Running", "kvm1"), ((string?)again["state"], (string?)again["hostname"]));
        await new Judge(_management).RestsAsync(Soon, _token);
    }

    private IReadOnlyList<string> Alerts() =>
        new Judge(_management).Rows("SELECT subject FROM alert WHERE type = 'VirtualMachineSighted' AND resolved IS NULL");
}
