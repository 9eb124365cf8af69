using System.Net.Http.Json;
using System.Text.Json.Nodes;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.EndToEnd;

/// <summary>A host reboots and numbers its buses otherwise, in the embedded mode.</summary>
[OutOfProcess]
[OnlyInAll("a minute of processes; what management makes of it is in the gate")]
public sealed class RenumberingTests : IAsyncLifetime
{
    private const string Devices = """
        SELECT substr(serial, -1) || ' at ' || address_text || CASE configured WHEN 1 THEN '' ELSE ', not configured' END
            || CASE health WHEN 'Good' THEN '' ELSE ', ' || health END
        FROM op_host_pci_devices ORDER BY serial, address_text
        """;

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);
    private readonly ManagementProcess _management = new(Directory.CreateTempSubdirectory("pcibus-e2e").FullName);
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;
    private readonly HttpClient _simulator = new();

    public ValueTask InitializeAsync()
    {
        var control = FreePort.Next();
        _simulator.BaseAddress = new Uri($"http://127.0.0.1:{control}");
        _management.AddHost("kvm1", "guid-1", "28:00.1|10GE,28:00.2|10GE,28:00.3|10GE", $"simulator.control.port={control}");
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _simulator.Dispose();
        await _management.DisposeAsync();
        Directory.Delete(_management.DataFolder, recursive: true);
    }

    [Fact]
    public async Task Claims_follow_their_devices_to_other_addresses_and_back_again()
    {
        await _management.StartAsync(1, _token);
        var judge = new Judge(_management);
        var scene = await TestScene.CreateAsync(_management.Api, "10GE,10GE,10GE");
        var id = (string)(await scene.DeployAsync("all"))["virtualmachine"]!["id"]!;

        await RebootAsync(new() { ["28:00.1"] = "28:00.2", ["28:00.2"] = "28:00.1", ["28:00.3"] = "29:00.0" });

        await judge.RowsAreAsync(
            Devices, Soon, _token, "1 at 0000:28:00.2", "2 at 0000:28:00.1", "3 at 0000:29:00.0, not configured");
        Assert.Equal(
            ["all 0000:28:00.1", "all 0000:28:00.2", "all 0000:29:00.0"],
            judge.Rows("""
                SELECT v.name || ' ' || h.address FROM pci_device_history h JOIN vm_instance v ON v.id = h.vm_id
                WHERE h.what = 'Renumbered' ORDER BY h.address
                """));
        var alert = (await _management.Api.CallAsync("listAlerts", ("name", "PciDeviceRenumbered")))["alert"]!.Single();
        Assert.Equal(
            "kvm1: pci.devices says 0000:28:00.3 (10GE), the device is at 0000:29:00.0", (string)alert["description"]!);
        // Its domain ended with the boot.
        await judge.RestsAsync(Soon, _token);
        var refused = await Assert.ThrowsAsync<ApiError>(() => _management.Api.RunAsync("startVirtualMachine", ("id", id)));
        Assert.Contains("10GE: 3 asked, 2 free (1 not configured)", refused.Text, StringComparison.Ordinal);

        await RebootAsync(new() { ["28:00.1"] = "28:00.2", ["28:00.2"] = "28:00.1", ["29:00.0"] = "28:00.3" });

        await judge.RowsAreAsync(Devices, Soon, _token, "1 at 0000:28:00.1", "2 at 0000:28:00.2", "3 at 0000:28:00.3");
        Assert.Null((await _management.Api.CallAsync("listAlerts", ("name", "PciDeviceRenumbered")))["alert"]);
        await _management.Api.RunAsync("startVirtualMachine", ("id", id));
        await judge.RestsAsync(Soon, _token);
    }

    /// <summary>Two devices say the same serial number.</summary>
    [Fact]
    public async Task Devices_that_cannot_be_told_apart_are_quarantined()
    {
        await _management.StartAsync(1, _token);
        var judge = new Judge(_management);
        await judge.RowsAreAsync(Devices, Soon, _token, "1 at 0000:28:00.1", "2 at 0000:28:00.2", "3 at 0000:28:00.3");
        await _management.InterruptAsync(_token);

        var folder = Path.Combine(_management.DataFolder, "hosts", "kvm1", "simulator");
        var path = Path.Combine(folder, "devices.json");
        var devices = JsonNode.Parse(await File.ReadAllTextAsync(path, _token))!.AsArray();
        devices[0]!["address"] = "0000:29:00.1";
        devices.Add(devices[0]!.DeepClone());
        devices[3]!["address"] = "0000:2a:00.1";
        devices.Add(new JsonObject { ["address"] = "0000:28:00.1", ["present"] = false });
        await File.WriteAllTextAsync(path, devices.ToJsonString(), _token);
        await File.WriteAllTextAsync(Path.Combine(folder, "boot-id"), "\"another boot\"", _token);
        await _management.StartAsync(1, _token);

        await judge.RowsAreAsync(Devices, Soon, _token, "1 at 0000:28:00.1, Quarantined", "2 at 0000:28:00.2", "3 at 0000:28:00.3");
        Assert.Equal(
            ["8086:" + (string)devices[0]!["productId"]! + " serial SIM-guid-1-0000:28:00.1 was at 0000:28:00.1 before the host rebooted and is at "
                + "0000:29:00.1 and 0000:2a:00.1 now: which is which cannot be told"],
            judge.Rows("SELECT health_reason FROM op_host_pci_devices WHERE health_reason IS NOT NULL"));
    }

    private async Task RebootAsync(Dictionary<string, string> moves)
    {
        using var answer = await _simulator.PostAsJsonAsync("/reboot/renumbered", moves, _token);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(_token));
    }
}
