using Newtonsoft.Json.Linq;
using Xunit;

namespace PciBus.Tests.Api;

/// <summary>Words that PciBus knows are known in any case; and names are found as CloudStack's database finds them.</summary>
public sealed class FixedWordTests(ApiStory story) : IClassFixture<ApiStory>
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData("listHosts", "host", "type", "routing", "Routing")]
    [InlineData("listHosts", "host", "state", "UP", "Up")]
    [InlineData("listEvents", "event", "type", "vm.create", "VM.CREATE")]
    [InlineData("listEvents", "event", "resourcetype", "virtualmachine", "VirtualMachine")]
    [InlineData("listTemplates", "template", "hypervisor", "kvm", "KVM")]
    [InlineData("listConfigurations", "configuration", "name", "Ping.Interval", "ping.interval")]
    [InlineData("listReconciliationJobs", "reconciliationjob", "name", "Retention", "retention")]
    [InlineData("listApis", "api", "name", "LISTHOSTS", "listHosts")]
    public async Task A_fixed_word_is_found_in_any_case(string command, string what, string parameter, string value, string spelled)
    {
        var found = await ListAsync(command, (parameter, value));
        Assert.NotEmpty(found[what]!);
        Assert.Equal(await ListAsync(command, (parameter, spelled)), found, JToken.EqualityComparer);
    }

    [Fact]
    public async Task A_job_is_run_by_its_name_in_any_case() =>
        Assert.Equal(
            "retention",
            (string)(await story.Management.OkAsync("runReconciliationJob", None, ("name", "RETENTION")))["reconciliationjob"]!["name"]!);

    [Theory]
    [InlineData("listHosts", "type", "Storage")]
    [InlineData("listTemplates", "hypervisor", "XenServer")]
    [InlineData("listEvents", "type", "VM.FLY")]
    public async Task Another_word_finds_nothing(string command, string parameter, string value) =>
        Assert.Empty(await ListAsync(command, (parameter, value)));

    [Theory]
    [InlineData("listHosts", "host", "KVM1")]
    [InlineData("listZones", "zone", "ZONE1")]
    [InlineData("listPods", "pod", "Pod1")]
    [InlineData("listClusters", "cluster", "Cluster1")]
    [InlineData("listServiceOfferings", "serviceoffering", "Two Ports")]
    [InlineData("listTemplates", "template", "DEBIAN")]
    public async Task A_name_is_found_in_any_case(string command, string what, string name)
    {
        var found = await ListAsync(command, ("name", name));
        Assert.NotEmpty(found[what]!);
        Assert.All(found[what]!, one => Assert.Equal(name, (string?)one["name"], ignoreCase: true));
    }

    [Fact]
    public async Task A_name_that_is_spelled_exactly_is_the_one_that_is_meant()
    {
        await story.CreateOfferingAsync("twin", "");
        await story.CreateOfferingAsync("Twin", "");
        Assert.Equal(["twin"], await NamesAsync("twin"));
        Assert.Equal(["Twin"], await NamesAsync("Twin"));
        Assert.Equal(["twin", "Twin"], await NamesAsync("TWIN"));

        async Task<IEnumerable<string>> NamesAsync(string name) =>
            [.. (await ListAsync("listServiceOfferings", ("name", name)))["serviceoffering"]!.Select(one => (string)one["name"]!)];
    }

    private Task<JObject> ListAsync(string command, (string, string) filter) => command == "listTemplates"
        ? story.Management.OkAsync(command, None, ("templatefilter", "all"), filter)
        : story.Management.OkAsync(command, None, filter);
}
