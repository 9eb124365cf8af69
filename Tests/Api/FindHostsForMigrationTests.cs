using Newtonsoft.Json.Linq;
using PciBus.Management.Workflows;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Api;

public sealed class FindHostsForMigrationTests : IAsyncDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private ManagementFixture _management = null!;

    public ValueTask DisposeAsync() => _management.DisposeAsync();

    [Fact]
    public async Task The_other_hosts_of_the_cluster_are_listed_with_why_not()
    {
        var vmId = await RunAsync("DetachAttach");

        Assert.Equal(
            ["kvm2 True ", "kvm3 False 10GE: 2 asked, 1 free", "kvm4 False it is Up and Disabled"],
            (await FindAsync(vmId)).Select(host => $"{host["name"]} {host["suitableformigration"]} {host["unsuitablebecause"]}"));
        Assert.All(await FindAsync(vmId), host =>
            Assert.Equal((true, false), ((bool)host["hasenoughcapacity"]!, (bool)host["requiresStorageMotion"]!)));
        Assert.Equal(["kvm3"], (await FindAsync(vmId, ("keyword", "M3"))).Select(host => (string)host["name"]!));
        Assert.Equal(["kvm3"], (await FindAsync(vmId, ("page", "2"), ("pagesize", "1"))).Select(host => (string)host["name"]!));
    }

    [Fact]
    public async Task Hosts_of_other_clusters_are_listed_where_that_is_allowed()
    {
        var vmId = await RunAsync("DetachAttach", new WorkflowOptions { MigrateAcrossClusters = true });

        Assert.Equal(
            ["kvm2 True", "kvm3 False", "kvm4 False", "kvm5 True"],
            (await FindAsync(vmId)).Select(host => $"{host["name"]} {host["suitableformigration"]}"));
    }

    [Fact]
    public async Task Where_the_offering_forbids_it_no_host_is_suitable()
    {
        var vmId = await RunAsync("Forbid");

        Assert.All(await FindAsync(vmId), host => Assert.Equal(
            (false,
                "Unsupported operation, web1 has PCI devices (2 x 10GE) and its offering web1 has pcimigration=Forbid: it is not migrated live. "
                + "With pcimigration=DetachAttach an offering allows that the devices are away for the time of a migration"),
            ((bool)host["suitableformigration"]!, (string)host["unsuitablebecause"]!)));
    }

    [Fact]
    public async Task One_without_devices_may_go_although_its_offering_forbids_it_with_some()
    {
        var vmId = await RunAsync("Forbid", pciDevices: "");

        Assert.Equal(["True", "True", "False"], (await FindAsync(vmId)).Select(host => $"{host["suitableformigration"]}"));
    }

    [Fact]
    public async Task A_host_that_is_too_small_says_so()
    {
        var vmId = await RunAsync("Forbid", pciDevices: "", memory: "60000");
        var kvm2 = (string)(await _management.OkAsync("listHosts", None, ("name", "kvm2")))["host"]![0]!["id"]!;
        await DeployAsync("big", "Forbid", "", "8192", ("hostid", kvm2));

        var host = (await FindAsync(vmId, ("keyword", "kvm2"))).Single();
        Assert.Equal((false, false), ((bool)host["suitableformigration"]!, (bool)host["hasenoughcapacity"]!));
        Assert.StartsWith("RAM: 60000 MiB asked, ", (string)host["unsuitablebecause"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_does_not_run_is_refused()
    {
        var vmId = await RunAsync("DetachAttach");
        await _management.JobAsync("stopVirtualMachine", None, ("id", vmId));

        var (status, answer) = await _management.CallAsync("findHostsForMigration", None, ("virtualmachineid", vmId));
        Assert.Equal(431, (int)status);
        Assert.Equal(
            "web1 is Stopped, it can be migrated only when it is Running",
            (string)answer["findhostsformigrationresponse"]!["errortext"]!);
    }

    /// <summary>Runs on kvm1; kvm2 could take it, kvm3 has too few devices, kvm4 is disabled, kvm5 is in another cluster.</summary>
    private async Task<string> RunAsync(string policy, WorkflowOptions? options = null, string pciDevices = "10GE,10GE", string memory = "512")
    {
        _management = await ManagementFixture.StartAsync(None, options);
        await _management.ConnectAsync("kvm1", "28:00.1|10GE,28:00.2|10GE", None);
        await _management.OkAsync(
            "registerTemplate", None, ("name", "debian"), ("url", "https://images.example/debian.qcow2"), ("format", "QCOW2"), ("hypervisor", "KVM"));
        var vmId = await DeployAsync("web1", policy, pciDevices, memory);
        await _management.ConnectAsync("kvm2", "3b:00.1|10GE,3b:00.2|10GE", None);
        await _management.ConnectAsync("kvm3", "3b:00.1|10GE", None);
        await _management.ConnectAsync("kvm4", "3b:00.1|10GE,3b:00.2|10GE", None);
        await _management.ConnectAsync("kvm5", "3b:00.1|10GE,3b:00.2|10GE", None, cluster: "cluster2");
        var kvm4 = (string)(await _management.OkAsync("listHosts", None, ("name", "kvm4")))["host"]![0]!["id"]!;
        await _management.OkAsync("updateHost", None, ("id", kvm4), ("allocationstate", "Disable"));
        return vmId;
    }

    private async Task<string> DeployAsync(string name, string policy, string pciDevices, string memory, params (string, string)[] more)
    {
        var offering = (await _management.OkAsync(
            "createServiceOffering", None, ("name", name), ("cpunumber", "1"), ("cpuspeed", "1000"), ("memory", memory),
            ("pcidevices", pciDevices), ("pcimigration", policy)))["serviceoffering"]!;
        var zoneId = (string)(await _management.OkAsync("listZones", None))["zone"]![0]!["id"]!;
        var templateId = (string)(await _management.OkAsync("listTemplates", None, ("templatefilter", "all")))["template"]![0]!["id"]!;
        var job = await _management.JobAsync(
            "deployVirtualMachine", None,
            [("name", name), ("zoneid", zoneId), ("templateid", templateId), ("serviceofferingid", (string)offering["id"]!), .. more]);
        Assert.Equal(1, (int)job["jobstatus"]!);
        return (string)job["jobinstanceid"]!;
    }

    private async Task<JToken> FindAsync(string vmId, params (string, string)[] more) =>
        (await _management.OkAsync("findHostsForMigration", None, [("virtualmachineid", vmId), .. more]))["host"]!;
}
