using System.Net;
using Newtonsoft.Json.Linq;
using Xunit;

namespace PciBus.Tests.Api;

/// <summary>Every parameter of every command, given wrongly: the commands are walked over by what listApis says of them.</summary>
public sealed class ErrorPathTests(ApiStory story) : IClassFixture<ApiStory>
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_missing_required_parameter_is_named()
    {
        foreach (var (command, parameter) in await ParametersAsync(parameter => (bool)parameter["required"]!))
        {
            await RefusedAsync(command, parameter, null, $"due to missing parameter {parameter}");
        }
    }

    [Fact]
    public async Task An_empty_required_parameter_is_a_missing_one()
    {
        foreach (var (command, parameter) in await ParametersAsync(parameter => (bool)parameter["required"]!))
        {
            if (command == "updatePciDevice" && parameter == "name") continue;
            await RefusedAsync(command, parameter, "", $"due to missing parameter {parameter}");
        }
    }

    [Theory]
    [InlineData("no-uuid")]
    [InlineData("1")]
    [InlineData("00000000-0000-0000-0000-000000000001")]
    public async Task An_unknown_uuid_is_told_in_the_words_that_clients_look_for(string value)
    {
        foreach (var (command, parameter) in await ParametersAsync(
            parameter => (string?)parameter["type"] == "uuid" || ((string?)parameter["type"] == "list" && parameter["related"] is not null)))
        {
            await RefusedAsync(
                command, parameter, value,
                $"due to invalid value. Invalid parameter {parameter} value={value} due to incorrect long value format, or entity does not exist");
        }
    }

    [Theory]
    [InlineData("integer", "many")]
    [InlineData("integer", "1.5")]
    [InlineData("integer", "99999999999")]
    [InlineData("date", "tomorrow")]
    [InlineData("date", "2030-13-01")]
    public async Task A_value_of_the_wrong_type_is_told(string type, string value)
    {
        foreach (var (command, parameter) in await ParametersAsync(parameter => (string?)parameter["type"] == type))
        {
            await RefusedAsync(command, parameter, value, $"due to invalid value {value} for parameter {parameter}");
        }
    }

    [Fact]
    public async Task A_text_that_is_too_long_is_told()
    {
        foreach (var (command, parameter) in await ParametersAsync(parameter => (string?)parameter["type"] == "string"))
        {
            if (command == "listEvents" && parameter == "resourceid") continue;
            await RefusedAsync(command, parameter, new string('x', 5000), $"for param: {parameter}");
        }
    }

    [Fact]
    public async Task A_value_that_cannot_be_printed_is_refused()
    {
        foreach (var (command, parameter) in await ParametersAsync(_ => true))
        {
            await RefusedAsync(command, parameter, "a\u0007b", "contains illegal ASCII non-printable characters");
        }
    }

    [Theory]
    [InlineData("listHosts", "state", "Upp")]
    [InlineData("listHosts", "state", "2")]
    [InlineData("listVirtualMachines", "state", "Unknown")]
    [InlineData("listTemplates", "templatefilter", "mine")]
    [InlineData("listPciDevices", "state", "Idle")]
    [InlineData("updateHost", "allocationstate", "Enabled")]
    public Task A_word_that_is_not_among_the_known_ones_is_told(string command, string parameter, string value) =>
        RefusedAsync(command, parameter, value, $"due to invalid value {value} for parameter {parameter}: it is one of ");

    [Theory]
    [InlineData("startVirtualMachine", "it can be started only when it is Stopped")]
    [InlineData("expungeVirtualMachine", "it can be expunged only when it is Destroyed")]
    public Task A_running_virtual_machine_refuses_at_once_what_cannot_be(string command, string text) =>
        RefusedAsync(command, "id", story.RunningId, text);

    [Fact]
    public Task A_stopped_virtual_machine_cannot_be_rebooted() =>
        RefusedAsync("rebootVirtualMachine", "id", story.StoppedId, "web2 is Stopped, it can be rebooted only when it is Running");

    [Theory]
    [InlineData("attachPciDevice", "attached")]
    [InlineData("detachPciDevice", "detached")]
    public Task A_stopped_virtual_machine_is_given_no_device_and_lets_none_go(string command, string what) =>
        RefusedAsync(command, "virtualmachineid", story.StoppedId, $"web2 is Stopped, devices can be {what} only when it is Running");

    [Fact]
    public async Task A_device_to_attach_is_named_in_one_way()
    {
        await RefusedAsync("attachPciDevice", "name", null, "Either name or deviceid must be given");
        await RefusedAsync("attachPciDevice", "deviceid", story.DeviceId, "Only one of name and deviceid can be given");
        await RefusedAsync("attachPciDevice", "name", "10GE,GPU", "device name 10GE,GPU has a comma in it");
    }

    [Fact]
    public async Task A_device_that_is_not_quarantined_cannot_be_released() => await RefusedAsync(
        "releasePciDevice", "id", await story.DeviceIdAsync("28:00.1"), "0000:28:00.1 (10GE) is not quarantined");

    [Theory]
    [InlineData("1web")]
    [InlineData("web-")]
    [InlineData("web_1")]
    [InlineData("a.b")]
    public Task A_name_that_no_guest_can_have_is_refused(string name) =>
        RefusedAsync("deployVirtualMachine", "name", name, "Invalid name. Vm name can contain ASCII letters");

    [Fact]
    public async Task A_malformed_map_is_430()
    {
        var (status, answer) = await story.Management.CallAsync(
            "createServiceOffering", None, [.. Valid("createServiceOffering"), ("serviceofferingdetails[x].key", "k")]);
        Assert.Equal(430, (int)status);
        Assert.Equal(430, (int)answer["createserviceofferingresponse"]!["errorcode"]!);
    }

    private async Task RefusedAsync(string command, string parameter, string? value, string text)
    {
        var parameters = Valid(command).Where(pair => pair.Name != parameter);
        if (value is not null) parameters = parameters.Append((parameter, value));
        var (status, answer) = await story.Management.CallAsync(command, None, [.. parameters]);
        var error = answer[$"{command.ToLowerInvariant()}response"]!;
        Assert.True(status == (HttpStatusCode)431, $"{command} {parameter}={value}: {status} {answer}");
        Assert.Equal(431, (int)error["errorcode"]!);
        Assert.Contains((int)error["cserrorcode"]!, new[] { 4350, 9999 });
        Assert.Empty(error["uuidList"]!);
        Assert.Contains(text, (string)error["errortext"]!, StringComparison.Ordinal);
        if ((int)error["cserrorcode"]! == 9999 && !text.StartsWith("contains", StringComparison.Ordinal))
        {
            Assert.StartsWith($"Unable to execute API command {command.ToLowerInvariant()} due to", (string)error["errortext"]!, StringComparison.Ordinal);
        }
    }

    private async Task<List<(string Command, string Parameter)>> ParametersAsync(Func<JToken, bool> which)
    {
        var apis = await story.Management.OkAsync("listApis", None);
        var found = apis["api"]!
            .SelectMany(api => api["params"]!.Where(which).Select(parameter => ((string)api["name"]!, (string)parameter["name"]!)))
            .ToList();
        Assert.NotEmpty(found);
        return found;
    }

    /// <summary>What a command needs, rightly.</summary>
    private (string Name, string Value)[] Valid(string command) => command switch
    {
        "createServiceOffering" => [("name", "n"), ("cpunumber", "1"), ("cpuspeed", "1000"), ("memory", "512")],
        "registerTemplate" => [("name", "n"), ("url", "https://images.example/n"), ("format", "QCOW2"), ("hypervisor", "KVM")],
        "listTemplates" => [("templatefilter", "all")],
        "deployVirtualMachine" => [("zoneid", story.ZoneId), ("serviceofferingid", story.OfferingId), ("templateid", story.TemplateId)],
        "queryAsyncJobResult" => [("jobid", story.JobId)],
        "deleteServiceOffering" => [("id", story.OfferingId)],
        "addHost" => [("zoneid", story.ZoneId), ("podid", story.PodId), ("clustername", "c"), ("url", "http://kvm9"), ("hypervisor", "KVM")],
        "updateHost" => [("id", story.Kvm1Id)],
        "updateZone" => [("id", story.ZoneId)],
        "updatePod" => [("id", story.PodId)],
        "updateCluster" => [("id", story.ClusterId)],
        "deleteHost" or "declareHostAsDegraded" or "cancelHostAsDegraded" or "reconnectHost" or "planHostMaintenance" or "prepareHostForMaintenance" or "cancelHostMaintenance" => [("id", story.Kvm1Id)],
        "findHostsForMigration" or "migrateVirtualMachine" or "cancelVirtualMachineMigration" => [("virtualmachineid", story.RunningId)],
        "attachPciDevice" => [("virtualmachineid", story.RunningId), ("name", "10GE")],
        "detachPciDevice" => [("virtualmachineid", story.RunningId), ("deviceid", story.DeviceId)],
        "updatePciDevice" => [("id", story.DeviceId), ("name", "10GE")],
        "enablePciDevice" or "disablePciDevice" or "releasePciDevice" => [("id", story.DeviceId)],
        "archiveAlerts" or "deleteAlerts" => [("type", "DeadLetter")],
        _ when command.EndsWith("VirtualMachine", StringComparison.Ordinal) => [("id", story.RunningId)],
        _ => [],
    };
}
