using System.Net;
using System.Net.Http.Json;
using System.Text;
using Newtonsoft.Json.Linq;
using PciBus.Contracts.Joining;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Api;

public sealed class HostJoinTests : IAsyncLifetime
{
    private ManagementFixture _management = null!;

    private static CancellationToken None => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _management = await ManagementFixture.StartAsync(None);

    public ValueTask DisposeAsync() => _management.DisposeAsync();

    [Fact]
    public async Task Token_IsShownOnce()
    {
        var made = await TokenAsync(("zone", "z"), ("pod", "p"), ("cluster", "c"), ("lifetime", "60"));
        Assert.Equal(43, ((string)made["token"]!).Length);
        Assert.Equal("c", (string?)made["clustername"]);

        var listed = Assert.Single((JArray)(await AnswerAsync("listHostJoinTokens"))["hostjointoken"]!);
        Assert.Equal((string?)made["id"], (string?)listed["id"]);
        Assert.Null(listed["token"]);
        Assert.DoesNotContain((string)made["token"]!, (await AnswerAsync("listEvents")).ToString(), StringComparison.Ordinal);

        await AnswerAsync("deleteHostJoinToken", ("id", (string)made["id"]!));
        Assert.Null((await AnswerAsync("listHostJoinTokens"))["hostjointoken"]);
    }

    [Theory]
    [InlineData("lifetime", "0", "lifetime 0 is not allowed; allowed is 1 to 2592000 seconds")]
    [InlineData("lifetime", "2592001", "lifetime 2592001 is not allowed; allowed is 1 to 2592000 seconds")]
    public async Task BadToken_IsRefused(string name, string value, string why) =>
        Assert.Equal(why, await RefusalAsync("createHostJoinToken", (name, value)));

    [Fact]
    public async Task AddedHost_WaitsForItsAgent_AndCanBeDeleted()
    {
        var token = await TokenAsync(("zone", "z"), ("pod", "p"), ("cluster", "c"));
        var cluster = (await AnswerAsync("listClusters"))["cluster"]![0]!;
        (string, string)[] place = [("zoneid", (string)cluster["zoneid"]!), ("podid", (string)cluster["podid"]!), ("hypervisor", "KVM")];

        Assert.Equal("One of clusterid and clustername is needed", await RefusalAsync("addHost", [.. place, ("url", "http://kvm7")]));
        Assert.Equal("url kvm7 is not allowed; allowed is http://NAME", await RefusalAsync("addHost", [.. place, ("clustername", "c"), ("url", "kvm7")]));
        Assert.Equal(
            "There is no such cluster \"d\" in that pod of that zone", await RefusalAsync("addHost", [.. place, ("clustername", "d"), ("url", "http://kvm7")]));
        var added = (await AnswerAsync("addHost", [.. place, ("clusterid", (string)token["clusterid"]!), ("url", "http://KVM7"), ("guid", "kvm7"), ("allocationstate", "Disable")]))["host"]![0]!;
        Assert.Equal(("KVM7", "Creating", "Disabled"), ((string)added["name"]!, (string)added["state"]!, (string)added["resourcestate"]!));
        Assert.Equal("The guid kvm7 is that of the host KVM7", await RefusalAsync("addHost", [.. place, ("clustername", "c"), ("url", "http://kvm7")]));
        Assert.Equal(
            "the guid \"a b\" is not allowed; allowed are letters, digits, \".\", \"_\" and \"-\", at most 100",
            await RefusalAsync("addHost", [.. place, ("clustername", "c"), ("url", "http://kvm8"), ("guid", "a b")]));

        await AnswerAsync("deleteHost", ("id", (string)added["id"]!));
        Assert.Null((await AnswerAsync("listHosts"))["host"]);
    }

    [Fact]
    public async Task SimulatedManagement_LetsNobodyJoin()
    {
        using var answer = await _management.SignedHttp.PostAsJsonAsync(HostJoinRequest.Path, new HostJoinRequest { Token = "t", Guid = "g", Name = "n", Zone = "z", Pod = "p", Cluster = "c" }, None);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal(
            "this management has no broker: its hosts are simulated, within it", (await answer.Content.ReadFromJsonAsync<HostJoinAnswer>(None))!.Refusal);

        using var nameless = await _management.SignedHttp.PostAsJsonAsync(HostJoinRequest.Path, new { Token = (string?)null, Guid = "g\nkvm1 (guid-1) has joined" }, None);
        Assert.Equal(HttpStatusCode.BadRequest, nameless.StatusCode);

        using var nonsense = await _management.SignedHttp.PostAsync(
            HostJoinRequest.Path, new StringContent("[", Encoding.UTF8, "application/json"), None);
        Assert.Equal(HttpStatusCode.BadRequest, nonsense.StatusCode);
    }

    private async Task<JToken> TokenAsync(params (string, string)[] parameters) => (await AnswerAsync("createHostJoinToken", parameters))["hostjointoken"]!;

    private async Task<JToken> AnswerAsync(string command, params (string, string)[] parameters)
    {
        var (status, answer) = await _management.CallAsync(command, None, parameters);
        Assert.True(status == HttpStatusCode.OK, answer.ToString());
        return answer.First!.First!;
    }

    private async Task<string> RefusalAsync(string command, params (string, string)[] parameters)
    {
        var (status, answer) = await _management.CallAsync(command, None, parameters);
        Assert.Equal(431, (int)status);
        return (string)answer.First!.First!["errortext"]!;
    }
}
