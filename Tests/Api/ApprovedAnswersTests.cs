using Xunit;

namespace PciBus.Tests.Api;

/// <summary>The JSON of every answer, as clients see it.</summary>
public sealed class ApprovedAnswersTests(ApiStory story) : IClassFixture<ApiStory>
{
    [Theory]
    [InlineData("listZones")]
    [InlineData("listPods")]
    [InlineData("listClusters")]
    [InlineData("listHosts")]
    [InlineData("listServiceOfferings")]
    [InlineData("listTemplates", "templatefilter", "all")]
    [InlineData("listVirtualMachines")]
    [InlineData("listPciDevices")]
    [InlineData("listPciDeviceNames")]
    [InlineData("listPciDeviceHistory")]
    [InlineData("listAsyncJobs")]
    [InlineData("listEvents")]
    [InlineData("listAlerts")]
    [InlineData("listConfigurations")]
    [InlineData("listCapabilities")]
    [InlineData("listApis")]
    public async Task A_list_is_as_approved(string command, params string[] parameter)
    {
        var (_, answer) = await story.Management.CallAsync(
            command, TestContext.Current.CancellationToken, [.. parameter.Chunk(2).Select(pair => (pair[0], pair[1]))]);
        ApprovedJson.Match(command, answer);
    }

    [Fact]
    public async Task A_job_that_succeeded_is_as_approved()
    {
        var (_, answer) = await story.Management.CallAsync(
            "queryAsyncJobResult", TestContext.Current.CancellationToken, ("jobid", story.JobId));
        ApprovedJson.Match("queryAsyncJobResult", answer);
    }

    [Fact]
    public async Task An_empty_list_is_an_empty_object()
    {
        var (_, answer) = await story.Management.CallAsync(
            "listZones", TestContext.Current.CancellationToken, ("name", "nowhere"));
        Assert.Equal("""{"listzonesresponse":{}}""", answer.ToString(Newtonsoft.Json.Formatting.None));
    }
}
