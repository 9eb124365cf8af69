using System.Net;
using Microsoft.EntityFrameworkCore;
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

    [Fact]
    public async Task An_alert_of_a_newer_version_is_listed_as_it_is_and_put_aside()
    {
        await SqlAsync("UPDATE alert SET type = 'OfALaterVersion' WHERE type = 'BadPciDeviceEntry'");

        var alert = Assert.Single(await ListAsync(), one => (string)one["name"]! != "PciDeviceQuarantined");
        Assert.Equal(("OfALaterVersion", null), ((string)alert["name"]!, alert["type"]));
        Assert.Equal("kvm2", (string)alert["hostname"]!);
        var metrics = await _story.Management.SignedHttp.GetStringAsync("/metrics", None);
        Assert.Contains("{type=\"OfALaterVersion\"} 1", metrics, StringComparison.Ordinal);

        await _story.Management.OkAsync("archiveAlerts", None, ("ids", (string)alert["id"]!));
        Assert.Equal("PciDeviceQuarantined", (string?)Assert.Single(await ListAsync())["name"]);
    }

    /// <summary>What a server of a newer version has written is shown as it is, and hides none of the others.</summary>
    [Theory]
    [InlineData("UPDATE event SET level = 'OfALaterVersion' WHERE id = 1", "listEvents", "event")]
    [InlineData("UPDATE event SET state = 'OfALaterVersion' WHERE id = 1", "listEvents", "event")]
    [InlineData("UPDATE host SET status = 'OfALaterVersion' WHERE name = 'kvm2'", "listHosts", "host")]
    [InlineData("UPDATE host SET resource_state = 'OfALaterVersion' WHERE name = 'kvm2'", "listHosts", "host")]
    [InlineData("UPDATE vm_instance SET state = 'OfALaterVersion' WHERE name = 'web2'", "listVirtualMachines", "virtualmachine")]
    [InlineData("UPDATE vm_instance SET domain_status = 'OfALaterVersion' WHERE name = 'web1'", "listVirtualMachines", "virtualmachine")]
    [InlineData("UPDATE pci_device_history SET what = 'OfALaterVersion' WHERE id = 1", "listPciDeviceHistory", "pcidevicehistory")]
    [InlineData("UPDATE op_host_pci_devices SET health = 'OfALaterVersion' WHERE id = 1", "listPciDevices", "pcidevice")]
    [InlineData("UPDATE service_offering SET pci_migration = 'OfALaterVersion' WHERE name = 'gpu'", "listServiceOfferings", "serviceoffering")]
    [InlineData("UPDATE cluster SET allocation_state = 'OfALaterVersion'", "listClusters", "cluster")]
    [InlineData("UPDATE data_center SET allocation_state = 'OfALaterVersion'", "listZones", "zone")]
    public async Task A_list_shows_what_a_newer_version_has_written(string sql, string command, string rows)
    {
        var before = await CountAsync();
        Assert.InRange(await SqlAsync(sql), 1, int.MaxValue);

        Assert.Equal(before, await CountAsync());
        Assert.Contains("OfALaterVersion", (await _story.Management.OkAsync(command, None)).ToString(), StringComparison.Ordinal);

        async Task<int> CountAsync() => (await _story.Management.OkAsync(command, None))[rows]!.Count();
    }

    [Fact]
    public async Task A_job_that_failed_for_a_cause_of_a_newer_version_has_failed()
    {
        await _story.DeployAsync("late1", _story.OfferingId);
        Assert.Equal(1, await SqlAsync("UPDATE async_job SET failure = 'OfALaterVersion' WHERE failure IS NOT NULL"));

        var job = (await _story.Management.OkAsync("listAsyncJobs", None))["asyncjobs"]!.Single(one => (int)one["jobstatus"]! == 2);
        Assert.Equal((530, 4250), ((int)job["jobresultcode"]!, (int)job["jobresult"]!["cserrorcode"]!));
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

    private Task<int> SqlAsync(string sql) => _story.Management.DatabaseAsync(database => database.Database.ExecuteSqlRawAsync(sql, None));

    private async Task<IReadOnlyList<JToken>> ListAsync(params (string, string)[] parameters) =>
        [.. (await _story.Management.OkAsync("listAlerts", None, parameters))["alert"] ?? new JArray()];
}
