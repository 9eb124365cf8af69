using System.Net;
using Newtonsoft.Json.Linq;
using Xunit;

namespace PciBus.Tests.Api;

public sealed class AlertTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly ApiStory _story = new();

    public ValueTask InitializeAsync() => _story.InitializeAsync();

    public ValueTask DisposeAsync() => _story.DisposeAsync();

    [Fact]
    public async Task Alerts_are_put_aside_and_deleted()
    {
        var bad = Assert.Single(await ListAsync(("name", "BadPciDeviceEntry")));
        ApprovedJson.Match("archiveAlerts", await _story.Management.OkAsync("archiveAlerts", None, ("ids", (string)bad["id"]!)));
        Assert.Equal("PciDeviceQuarantined", (string?)Assert.Single(await ListAsync())["name"]);
        Assert.NotNull(Assert.Single(await ListAsync(("resolved", "true")))["resolved"]);

        await _story.Management.OkAsync("archiveAlerts", None, ("type", "203"));
        Assert.Empty(await ListAsync());
        Assert.Equal(2, (await ListAsync(("resolved", "true"))).Count);

        ApprovedJson.Match("deleteAlerts", await _story.Management.OkAsync("deleteAlerts", None, ("type", "pcidevicequarantined")));
        await _story.Management.OkAsync("deleteAlerts", None, ("startdate", "2020-01-01"), ("enddate", "2099-01-01"));
        Assert.Empty(await ListAsync(("resolved", "true")));
    }

    [Theory]
    [InlineData("archiveAlerts")]
    [InlineData("deleteAlerts")]
    public async Task Alerts_that_are_not_named_rightly_are_left_alone(string command)
    {
        await RefusedAsync(431, "either ids, type or enddate must be specified");
        await RefusedAsync(431, "enddate must be specified with startdate parameter", ("startdate", "2020-01-01"), ("type", "203"));
        await RefusedAsync(431, "There is no type of alerts 1: it is one of ", ("type", "1"));
        var bad = (string)Assert.Single(await ListAsync(("name", "BadPciDeviceEntry")))["id"]!;
        await RefusedAsync(530, $"Unable to {command[..^6]} Alerts, one or more parameters has invalid values", ("ids", bad), ("type", "203"));
        Assert.Equal(2, (await ListAsync()).Count);

        async Task RefusedAsync(int code, string text, params (string, string)[] parameters)
        {
            var (status, answer) = await _story.Management.CallAsync(command, None, parameters);
            Assert.Equal((HttpStatusCode)code, status);
            Assert.StartsWith(text, (string)answer[$"{command.ToLowerInvariant()}response"]!["errortext"]!, StringComparison.Ordinal);
        }
    }

    private async Task<IReadOnlyList<JToken>> ListAsync(params (string, string)[] parameters) =>
        [.. (await _story.Management.OkAsync("listAlerts", None, parameters))["alert"] ?? new JArray()];
}
