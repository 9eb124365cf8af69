using Xunit;

namespace PciBus.Tests.Api;

public sealed class MaintenanceTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly ApiStory _story = new();

    public ValueTask InitializeAsync() => _story.InitializeAsync();

    public ValueTask DisposeAsync() => _story.DisposeAsync();

    [Fact]
    public async Task A_plan_says_of_each_virtual_machine_what_becomes_of_it()
    {
        await _story.Management.ConnectAsync("kvm3", "28:00.1|10GE", None);
        await _story.DeployAsync("free1", await OfferingAsync("without devices", ""), ("hostid", _story.Kvm1Id));
        await _story.DeployAsync("port1", await OfferingAsync("one port", "10GE", "DetachAttach"), ("hostid", _story.Kvm1Id));

        var (status, answer) = await _story.Management.CallAsync("planHostMaintenance", None, ("id", _story.Kvm1Id));

        Assert.Equal(200, (int)status);
        ApprovedJson.Match("planHostMaintenance", answer);
        var plan = answer["planhostmaintenanceresponse"]!["hostmaintenanceplan"]!;
        Assert.Equal(("Enabled", 3, 2, 1, 2), ((string)plan["resourcestate"]!, (int)plan["total"]!, (int)plan["moving"]!, (int)plan["staying"]!, (int)plan["most"]!));
        Assert.Equal(
            [("free1", "Live", "kvm2"), ("port1", "DetachAttach", "kvm3"), ("web1", "Cannot", null)],
            plan["virtualmachine"]!.Select(vm => ((string)vm["name"]!, (string)vm["outcome"]!, (string?)vm["destinationhostname"])));
        Assert.Equal("Enabled", await ResourceStateAsync());
    }

    private async Task<string> OfferingAsync(string name, string pciDevices, string migration = "Forbid") => (string)(await _story.Management.OkAsync(
        "createServiceOffering", None, ("name", name), ("cpunumber", "1"), ("cpuspeed", "1000"), ("memory", "512"),
        ("pcidevices", pciDevices), ("pcimigration", migration)))["serviceoffering"]!["id"]!;

    private async Task<string> ResourceStateAsync() =>
        (string)(await _story.Management.OkAsync("listHosts", None, ("id", _story.Kvm1Id)))["host"]!.Single()["resourcestate"]!;
}
