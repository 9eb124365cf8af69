using Newtonsoft.Json.Linq;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Api;

/// <summary>A cluster that was asked for is the one that a virtual machine is started in, or nothing is started.</summary>
public sealed class ClusterChoiceTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly ApiStory _story = new();
    private string _clusterId = "";

    private ManagementFixture Management => _story.Management;

    public async ValueTask InitializeAsync()
    {
        await _story.InitializeAsync();
        await Management.ConnectAsync("kvm3", "28:00.1|10GE,28:00.2|10GE,28:00.3|10GE,28:00.4|10GE,28:00.5|10GE,28:00.6|10GE", None);
        await Management.ConnectAsync("kvm4", "28:00.1|10GE,28:00.2|10GE", None, cluster: "second");
        _clusterId = (string)(await Management.OkAsync("listClusters", None, ("name", "second")))["cluster"]!.Single()["id"]!;
    }

    public ValueTask DisposeAsync() => _story.DisposeAsync();

    [Fact]
    public async Task It_is_started_there_or_not_at_all()
    {
        Assert.Equal("kvm4", await HostOfAsync(await _story.DeployAsync("web3", _story.OfferingId, ("clusterid", _clusterId))));
        var job = await _story.DeployAsync("web4", _story.OfferingId, ("clusterid", _clusterId));
        Assert.Equal(533, (int)job["jobresult"]!["errorcode"]!);
        Assert.Contains("kvm4: 10GE: 2 asked, 0 free", (string)job["jobresult"]!["errortext"]!, StringComparison.Ordinal);
        Assert.Equal("kvm3", await HostOfAsync(await _story.DeployAsync("web5", _story.OfferingId)));
    }

    [Fact]
    public async Task So_is_one_that_was_stopped()
    {
        // Without a cluster it would be kvm4, which has just what it needs.
        var first = (string)(await Management.OkAsync("listClusters", None, ("name", "cluster1")))["cluster"]!.Single()["id"]!;
        var job = await Management.JobAsync("startVirtualMachine", None, ("id", _story.StoppedId), ("clusterid", first));
        Assert.Equal("kvm3", await HostOfAsync(job));
    }

    [Fact]
    public async Task A_host_elsewhere_contradicts_it()
    {
        foreach (var (command, parameters) in new[] { ("startVirtualMachine", [("id", _story.StoppedId)]), ("deployVirtualMachine", Deployment) })
        {
            var (status, answer) = await Management.CallAsync(command, None, [.. parameters, ("hostid", _story.Kvm1Id), ("clusterid", _clusterId)]);
            Assert.Equal(431, (int)status);
            Assert.Contains("The host kvm1 is in another cluster than second", answer.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("hostid")]
    [InlineData("clusterid")]
    public async Task What_is_not_started_is_started_nowhere(string parameter)
    {
        var (status, answer) = await Management.CallAsync(
            "deployVirtualMachine", None, [.. Deployment, (parameter, parameter == "hostid" ? _story.Kvm1Id : _clusterId), ("startvm", "false")]);
        Assert.Equal(431, (int)status);
        Assert.Contains("with startvm=false it is not: give them to startVirtualMachine", answer.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_cluster_is_told()
    {
        var (status, answer) = await Management.CallAsync("deployVirtualMachine", None, [.. Deployment, ("clusterid", "nonsense")]);
        Assert.Equal(431, (int)status);
        Assert.Contains("Invalid parameter clusterid value=nonsense", answer.ToString(), StringComparison.Ordinal);
    }

    private (string Name, string Value)[] Deployment =>
        [("zoneid", _story.ZoneId), ("serviceofferingid", _story.OfferingId), ("templateid", _story.TemplateId)];

    private async Task<string?> HostOfAsync(JObject job) => (string?)(await Management.OkAsync(
        "listVirtualMachines", None, ("id", (string)job["jobinstanceid"]!)))["virtualmachine"]!.Single()["hostname"];
}
