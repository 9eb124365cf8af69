using Newtonsoft.Json.Linq;
using Xunit;

namespace PciBus.Tests.Api;

/// <summary>What a command does not have: refused by its name, or known to be harmless; never taken and not obeyed.</summary>
public sealed class UnknownParameterTests(ApiStory story) : IClassFixture<ApiStory>
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData("stopVirtualMachine", "forcd", "true", "unknown parameter forcd; the nearest is forced")]
    [InlineData("deployVirtualMachine", "podid", "nonsense", "unknown parameter podid; the nearest is ")]
    [InlineData("deployVirtualMachine", "networkids", "x", "unknown parameter networkids; the nearest is ")]
    [InlineData("deployVirtualMachine", "details[0].cpuNumber", "8", "unknown parameter details[0].cpuNumber; the nearest is ")]
    [InlineData("deployVirtualMachine", "hostid[0]", "x", "unknown parameter hostid[0]; the nearest is hostid")]
    [InlineData("createServiceOffering", "pcidevice", "10GE", "unknown parameter pcidevice; the nearest is pcidevices")]
    [InlineData("createServiceOffering", "storagetype", "shared", "invalid value shared for parameter storagetype: it is local")]
    [InlineData("updateHost", "hosttags", "ssd", "unknown parameter hosttags; the nearest is ")]
    [InlineData("listHosts", "hahost", "true", "unknown parameter hahost; the nearest is ")]
    [InlineData("listHosts", "hypervisor", "XenServer", "invalid value XenServer for parameter hypervisor: it is KVM")]
    [InlineData("listVirtualMachines", "zonid", "x", "unknown parameter zonid; the nearest is zoneid")]
    [InlineData("listVirtualMachines", "projectid", "7", "invalid value 7 for parameter projectid: it is -1")]
    [InlineData("listVirtualMachines", "tags[0].key", "role", "unknown parameter tags[0].key; the nearest is ")]
    [InlineData("listCapabilities", "zoneid", "x", "unknown parameter zoneid: listCapabilities has none")]
    public async Task What_would_be_asked_for_in_vain_is_refused(string command, string parameter, string value, string text)
    {
        var (status, answer) = await story.Management.CallAsync(command, None, (parameter, value));
        Assert.Equal(431, (int)status);
        Assert.StartsWith(
            $"Unable to execute API command {command.ToLowerInvariant()} due to {text}",
            (string)answer[$"{command.ToLowerInvariant()}response"]!["errortext"]!,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_command_takes_what_none_has()
    {
        foreach (var api in (await story.Management.OkAsync("listApis", None))["api"]!)
        {
            var command = (string)api["name"]!;
            var (status, answer) = await story.Management.CallAsync(command, None, ("nobody", "knows"));
            Assert.Equal(431, (int)status);
            Assert.Contains("unknown parameter nobody", answer.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Nothing_is_begun_by_what_is_refused()
    {
        var jobs = await story.Management.OkAsync("listAsyncJobs", None);
        var (status, _) = await story.Management.CallAsync("stopVirtualMachine", None, ("id", story.RunningId), ("forcd", "true"));
        Assert.Equal(431, (int)status);
        Assert.Equal((int)jobs["count"]!, (int)(await story.Management.OkAsync("listAsyncJobs", None))["count"]!);
    }

    [Theory]
    [InlineData("listVirtualMachines", "listall=true", "isrecursive=true", "details=min", "projectid=-1", "showicon=true")]
    [InlineData("listHosts", "Details=all", "hypervisor=kvm", "sessionKey=x", "_=1", "apiKey=x", "signatureVersion=3", "expires=x")]
    [InlineData("listZones", "available=true", "ctxUserId=2", "httpmethod=GET")]
    [InlineData("listApis", "listall=true", "page=1", "pagesize=500")]
    [InlineData("listServiceOfferings", "issystem=False", "networkids=", "nobody=")]
    public async Task What_clients_send_as_a_matter_of_course_is_harmless(string command, params string[] parameters)
    {
        var asked = await story.Management.OkAsync(command, None, [.. parameters.Select(pair => (pair.Split('=')[0], pair.Split('=')[1]))]);
        Assert.Equal(await story.Management.OkAsync(command, None), asked, JToken.EqualityComparer);
    }

    [Theory]
    [InlineData("yes")]
    [InlineData("1")]
    [InlineData("ture")]
    public async Task What_is_neither_true_nor_false_is_refused(string value)
    {
        foreach (var (command, parameter) in new[] { ("stopVirtualMachine", "forced"), ("destroyVirtualMachine", "expunge"), ("listPciDevices", "allocatable") })
        {
            var (status, answer) = await story.Management.CallAsync(command, None, (parameter, value));
            Assert.Equal(431, (int)status);
            Assert.Contains($"invalid value {value} for parameter {parameter}: it is true or false", answer.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("zoneid", "nonsense", 431)]
    [InlineData("zoneid", "00000000-0000-0000-0000-000000000001", 431)]
    [InlineData("zoneids", "-1,nonsense", 431)]
    [InlineData("zoneid", "-1", 200)]
    [InlineData("zoneids", "-1", 200)]
    [InlineData("zoneid", null, 200)]
    public async Task A_template_is_in_every_zone_that_there_is(string parameter, string? value, int status)
    {
        var (answered, _) = await story.Management.CallAsync(
            "registerTemplate", None, ("name", "t"), ("url", "https://images.example/t"), ("format", "RAW"), ("hypervisor", "KVM"),
            (parameter, value ?? story.ZoneId));
        Assert.Equal(status, (int)answered);
    }

    [Fact]
    public async Task So_is_what_is_so_anyway()
    {
        var offering = await story.Management.OkAsync(
            "createServiceOffering", None, ("name", "plain"), ("cpunumber", "1"), ("cpuspeed", "1000"), ("memory", "512"),
            ("issystem", "False"), ("customized", "false"), ("storagetype", "local"), ("limitcpuuse", "false"));
        Assert.Equal("local", (string)offering["serviceoffering"]!["storagetype"]!);
        await story.Management.OkAsync(
            "registerTemplate", None, ("name", "t"), ("url", "https://images.example/t"), ("format", "RAW"), ("hypervisor", "KVM"),
            ("ispublic", "true"));
    }
}
