using Newtonsoft.Json.Linq;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Api;

public sealed class ServiceOfferingTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private ManagementFixture _management = null!;

    public async ValueTask InitializeAsync()
    {
        _management = await ManagementFixture.StartAsync(None);
        await _management.ConnectAsync("kvm1", "28:00.1|10GE", None);
    }

    public ValueTask DisposeAsync() => _management.DisposeAsync();

    [Fact]
    public async Task Names_that_no_host_has_reported_are_accepted_told_and_written_down()
    {
        var offering = (await _management.OkAsync("createServiceOffering", None, Offering(("pcidevices", "10GE, FPGA ,gpu,FPGA"))))["serviceoffering"]!;
        Assert.Equal("10GE, FPGA ,gpu,FPGA", (string)offering["pcidevices"]!);
        Assert.Equal("FPGA,gpu", (string)offering["unknownpcidevices"]!);
        var warning = (await _management.OkAsync("listEvents", None, ("level", "WARN")))["event"]!.Single();
        Assert.Equal("service offering o names devices that no host has reported: FPGA, gpu", (string)warning["description"]!);
        Assert.Equal((string)offering["id"]!, (string)warning["resourceid"]!);
    }

    [Fact]
    public async Task Known_names_are_not_worth_a_warning()
    {
        var offering = (await _management.OkAsync("createServiceOffering", None, Offering(("pcidevices", "10GE,10GE"))))["serviceoffering"]!;
        Assert.Null(offering["unknownpcidevices"]);
        Assert.Null((await _management.OkAsync("listEvents", None, ("level", "WARN")))["event"]);
    }

    [Fact]
    public async Task Migration_with_devices_is_forbidden_unless_the_offering_allows_it()
    {
        await _management.OkAsync("createServiceOffering", None, Offering(("pcidevices", "10GE")));
        await _management.OkAsync("createServiceOffering", None, Offering(("pcimigration", "detachattach")));

        var offerings = (await _management.OkAsync("listServiceOfferings", None, ("name", "o")))["serviceoffering"]!;
        Assert.Equal(["Forbid", "DetachAttach"], offerings.Select(offering => (string)offering["pcimigration"]!));
        var (status, answer) = await _management.CallAsync("createServiceOffering", None, Offering(("pcimigration", "Maybe")));
        Assert.Equal(431, (int)status);
        Assert.Contains("it is one of Forbid, DetachAttach", answer.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("serviceofferingdetails[0].key", "serviceofferingdetails[0].value")]
    [InlineData("ServiceOfferingDetails[7].value", "ServiceOfferingDetails[7].key")]
    public async Task The_detail_says_the_same_as_the_parameter(string first, string second)
    {
        var pair = first.EndsWith("key", StringComparison.Ordinal)
            ? new[] { (first, "pciDevices"), (second, "10GE, 10GE") }
            : [(first, "10GE, 10GE"), (second, "pciDevices")];
        var offering = (await _management.OkAsync("createServiceOffering", None, Offering(pair)))["serviceoffering"]!;
        Assert.Equal("10GE, 10GE", (string)offering["pcidevices"]!);
        Assert.Equal("10GE, 10GE", (string)offering["serviceofferingdetails"]!["pciDevices"]!);
    }

    [Theory]
    [InlineData("serviceofferingdetails[0].key", "pcidevices", "serviceofferingdetails[0].value")]
    [InlineData("serviceofferingdetails[0].Key", "PciDevices", "serviceofferingdetails[0].VALUE")]
    public async Task The_detail_is_found_in_any_case_and_given_back_as_it_came(string key, string name, string value)
    {
        var offering = (await _management.OkAsync("createServiceOffering", None, Offering((key, name), (value, "10GE"))))["serviceoffering"]!;
        Assert.Equal("10GE", (string)offering["pcidevices"]!);
        Assert.Equal(new JObject { [name] = "10GE" }, offering["serviceofferingdetails"], JToken.EqualityComparer);
    }

    [Theory]
    [InlineData("pciDevice")]
    [InlineData("pcidevice")]
    [InlineData("pci_devices")]
    [InlineData("pci.devices")]
    [InlineData("pciDevcies")]
    [InlineData("pciDevices ")]
    public async Task A_detail_that_only_looks_like_it_is_refused(string name)
    {
        var (status, answer) = await _management.CallAsync(
            "createServiceOffering", None, Offering(("serviceofferingdetails[0].key", name), ("serviceofferingdetails[0].value", "10GE")));
        Assert.Equal(431, (int)status);
        Assert.Contains($"the detail {name} is unknown; is pciDevices meant?", answer.ToString(), StringComparison.Ordinal);
        Assert.Empty(await _management.OkAsync("listServiceOfferings", None));
    }

    [Fact]
    public async Task A_parameter_is_no_detail()
    {
        var (status, answer) = await _management.CallAsync(
            "createServiceOffering", None, Offering(("serviceofferingdetails[0].pciMigration", "DetachAttach")));
        Assert.Equal(431, (int)status);
        Assert.Contains("the detail pciMigration is unknown; is the parameter pcimigration meant?", answer.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("serviceofferingdetails", "10GE")]
    [InlineData("serviceofferingdetails.pciDevices", "10GE")]
    [InlineData("serviceofferingdetails[0]", "10GE")]
    [InlineData("serviceofferingdetails[0].key", "pciDevices")]
    [InlineData("serviceofferingdetails[0].value", "10GE")]
    public async Task Half_a_detail_is_malformed(string parameter, string value)
    {
        var (status, answer) = await _management.CallAsync("createServiceOffering", None, Offering((parameter, value)));
        Assert.Equal(430, (int)status);
        Assert.Contains("write serviceofferingdetails[0].key and serviceofferingdetails[0].value", answer.ToString(), StringComparison.Ordinal);
        Assert.Empty(await _management.OkAsync("listServiceOfferings", None));
    }

    [Fact]
    public async Task Two_details_that_differ_in_case_must_say_the_same()
    {
        var (status, _) = await _management.CallAsync(
            "createServiceOffering", None, Offering(("serviceofferingdetails[0].pciDevices", "10GE"), ("serviceofferingdetails[1].pcidevices", "GPU")));
        Assert.Equal(431, (int)status);
    }

    [Fact]
    public async Task Details_are_given_back_as_they_came()
    {
        await _management.OkAsync(
            "createServiceOffering", None,
            Offering(("serviceofferingdetails[0].pciDevices", "10GE"), ("serviceofferingdetails[0].Note", "for  tests")));
        var offering = (await _management.OkAsync("listServiceOfferings", None, ("name", "o")))["serviceoffering"]!.Single();
        Assert.Equal(new JObject { ["pciDevices"] = "10GE", ["Note"] = "for  tests" }, offering["serviceofferingdetails"], JToken.EqualityComparer);
    }

    [Theory]
    [InlineData("10GE,,GPU", "name 2 of the list \"10GE,,GPU\" is empty")]
    [InlineData("10GE,", "name 2 of the list \"10GE,\" is empty")]
    [InlineData("a|b", "device name a|b has a bar in it")]
    [InlineData("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "has over 64 characters")]
    public async Task A_bad_list_is_refused_and_the_bad_name_is_named(string list, string text)
    {
        foreach (var parameter in (string[])["pcidevices", "serviceofferingdetails[0].pciDevices"])
        {
            var (status, answer) = await _management.CallAsync("createServiceOffering", None, Offering((parameter, list)));
            Assert.Equal(431, (int)status);
            Assert.Contains(text, (string)answer["createserviceofferingresponse"]!["errortext"]!, StringComparison.Ordinal);
        }

        Assert.Empty(await _management.OkAsync("listServiceOfferings", None));
    }

    [Fact]
    public async Task Two_different_lists_are_refused()
    {
        var (status, _) = await _management.CallAsync(
            "createServiceOffering", None, Offering(("pcidevices", "10GE"), ("serviceofferingdetails[0].pciDevices", "GPU")));
        Assert.Equal(431, (int)status);
    }

    [Theory]
    [InlineData("cpunumber")]
    [InlineData("cpuspeed")]
    [InlineData("memory")]
    public async Task Nothing_is_not_a_size(string parameter)
    {
        var parameters = Offering().Where(pair => pair.Name != parameter).Append((parameter, "0"));
        var (status, _) = await _management.CallAsync("createServiceOffering", None, [.. parameters]);
        Assert.Equal(431, (int)status);
    }

    [Fact]
    public async Task A_deleted_offering_is_inactive_and_deploys_nothing()
    {
        var id = (string)(await _management.OkAsync("createServiceOffering", None, Offering()))["serviceoffering"]!["id"]!;
        await _management.OkAsync("deleteServiceOffering", None, ("id", id));
        Assert.Empty(await _management.OkAsync("listServiceOfferings", None, ("id", id)));
        var listed = await _management.OkAsync("listServiceOfferings", None, ("state", "all"));
        Assert.Equal("Inactive", (string)listed["serviceoffering"]!.Single()["state"]!);

        var zoneId = (string)(await _management.OkAsync("listZones", None))["zone"]![0]!["id"]!;
        var templateId = (string)(await _management.OkAsync(
            "registerTemplate", None, ("name", "t"), ("url", "https://images.example/t"), ("format", "RAW"), ("hypervisor", "KVM")))["template"]![0]!["id"]!;
        var (status, answer) = await _management.CallAsync(
            "deployVirtualMachine", None, ("zoneid", zoneId), ("templateid", templateId), ("serviceofferingid", id));
        Assert.Equal(431, (int)status);
        Assert.Equal("The service offering o is Inactive", (string)answer["deployvirtualmachineresponse"]!["errortext"]!);
        Assert.Empty(await _management.OkAsync("listVirtualMachines", None));
    }

    private static (string Name, string Value)[] Offering(params (string, string)[] more) =>
        [("name", "o"), ("cpunumber", "1"), ("cpuspeed", "1000"), ("memory", "512"), .. more];
}
