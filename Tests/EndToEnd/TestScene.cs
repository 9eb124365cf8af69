using Newtonsoft.Json.Linq;

namespace PciBus.Tests.EndToEnd;

/// <summary>What a deployment needs: the zone that the hosts brought, a template and an offering.</summary>
internal sealed record TestScene(ApiClient Api, string ZoneId, string TemplateId, string OfferingId)
{
    public static async Task<TestScene> CreateAsync(ApiClient api, string pciDevices, bool offerHa = false, string? pciMigration = null) => new(
        api,
        (string)(await api.CallAsync("listZones"))["zone"]![0]!["id"]!,
        (string)(await api.CallAsync(
            "registerTemplate", ("name", "debian"), ("displaytext", "Debian"), ("url", "http://images.example/debian.qcow2"),
            ("format", "QCOW2"), ("hypervisor", "KVM")))["template"]![0]!["id"]!,
        (string)(await api.CallAsync(
            "createServiceOffering", ("name", $"with {pciDevices}"), ("displaytext", "test"), ("cpunumber", 1), ("cpuspeed", 100),
            ("memory", 128), ("pcidevices", pciDevices), ("offerha", offerHa), ("pcimigration", pciMigration)))["serviceoffering"]!["id"]!);

    /// <summary>Asks for a virtual machine; its job is not waited for.</summary>
    public Task<JObject> RequestAsync(string name, string? hostId = null) => Api.CallAsync(
        "deployVirtualMachine", ("name", name), ("zoneid", ZoneId), ("templateid", TemplateId), ("serviceofferingid", OfferingId),
        ("hostid", hostId));

    /// <summary>Makes a virtual machine and waits until it runs.</summary>
    public async Task<JObject> DeployAsync(string name, string? hostId = null) => await Api.WaitAsync((string)(await RequestAsync(name, hostId))["jobid"]!);
}
