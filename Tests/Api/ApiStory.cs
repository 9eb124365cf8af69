using Newtonsoft.Json.Linq;
using PciBus.Contracts.PciDevices;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Api;

/// <summary>
/// A small cloud in the middle of its day: two hosts, offerings, a template, one virtual machine that runs with its devices,
/// one that was never started, a device in quarantine and an entry that is not served.
/// </summary>
public sealed class ApiStory : IAsyncLifetime
{
    internal ManagementFixture Management { get; private set; } = null!;

    internal ScriptedHost Kvm1 { get; private set; } = null!;

    internal ScriptedHost Kvm2 { get; private set; } = null!;

    public string ZoneId { get; private set; } = "";

    public string PodId { get; private set; } = "";

    public string ClusterId { get; private set; } = "";

    public string OfferingId { get; private set; } = "";

    public string TemplateId { get; private set; } = "";

    /// <summary>It runs, with two devices.</summary>
    public string RunningId { get; private set; } = "";

    /// <summary>It was never started.</summary>
    public string StoppedId { get; private set; } = "";

    public string Kvm1Id { get; private set; } = "";

    /// <summary>A device of the one that runs.</summary>
    public string DeviceId { get; private set; } = "";

    /// <summary>The job that created the running one.</summary>
    public string JobId { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        var none = CancellationToken.None;
        Management = await ManagementFixture.StartAsync(none);
        Kvm1 = await Management.ConnectAsync("kvm1", "28:00.1|10GE,28:00.2|10GE,28:00.3|10GE", none);
        Kvm2 = await Management.ConnectAsync("kvm2", "3b:00.0|GPU-A", none);
        ZoneId = (string)(await Management.OkAsync("listZones", none))["zone"]![0]!["id"]!;
        PodId = (string)(await Management.OkAsync("listPods", none))["pod"]![0]!["id"]!;
        ClusterId = (string)(await Management.OkAsync("listClusters", none))["cluster"]![0]!["id"]!;
        OfferingId = await CreateOfferingAsync("two ports", "10GE, 10GE");
        TemplateId = (string)(await Management.OkAsync(
            "registerTemplate", none, ("name", "debian"), ("displaytext", "Debian 13"), ("url", "https://images.example/debian.qcow2"),
            ("format", "QCOW2"), ("hypervisor", "KVM")))["template"]![0]!["id"]!;
        var job = await DeployAsync("web1", OfferingId);
        (JobId, RunningId) = ((string)job["jobid"]!, (string)job["jobinstanceid"]!);
        StoppedId = (string)(await DeployAsync("web2", OfferingId, ("startvm", "false")))["jobinstanceid"]!;
        Kvm1Id = await HostIdAsync("kvm1");
        DeviceId = await DeviceIdAsync("28:00.1");
        await QuarantineTheGpuAsync();
        Kvm2.BadPciDevices.Add(new BadPciDeviceEntry { Entry = "3b:00|GPU", Position = 2, Reason = "\"3b:00\" is not a PCI address" });
        await Kvm2.PingAsync(none);
        await Management.RunAsync(none);
    }

    public ValueTask DisposeAsync() => Management.DisposeAsync();

    internal async Task<string> CreateOfferingAsync(
        string name, string pciDevices, params (string, string)[] more) => (string)(await Management.OkAsync(
        "createServiceOffering", CancellationToken.None,
        [("name", name), ("cpunumber", "1"), ("cpuspeed", "1000"), ("memory", "512"), ("pcidevices", pciDevices), .. more]))["serviceoffering"]!["id"]!;

    internal Task<JObject> DeployAsync(string name, string offeringId, params (string, string)[] more) => Management.JobAsync(
        "deployVirtualMachine", CancellationToken.None,
        [("name", name), ("zoneid", ZoneId), ("templateid", TemplateId), ("serviceofferingid", offeringId), .. more]);

    /// <summary>The id of the device at an address.</summary>
    internal async Task<string> DeviceIdAsync(string address) => (string)(await Management.OkAsync(
        "listPciDevices", CancellationToken.None, ("keyword", address)))["pcidevice"]!.Single()["id"]!;

    internal async Task<string> HostIdAsync(string name) => (string)(await Management.OkAsync(
        "listHosts", CancellationToken.None, ("name", name)))["host"]!.Single()["id"]!;

    /// <summary>A virtual machine leaves it in a state from which no reset brings it back.</summary>
    private async Task QuarantineTheGpuAsync()
    {
        var offeringId = await CreateOfferingAsync("gpu", "GPU-A");
        var vmId = (string)(await DeployAsync("render1", offeringId))["jobinstanceid"]!;
        Kvm2.Dirty.Add(PciAddress.Parse("3b:00.0"));
        await Management.JobAsync("destroyVirtualMachine", CancellationToken.None, ("id", vmId), ("expunge", "true"));
        await Kvm2.PingAsync(CancellationToken.None);
        await Management.RunAsync(CancellationToken.None);
    }
}
