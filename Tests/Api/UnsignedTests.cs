using System.Net;
using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Newtonsoft.Json.Linq;
using PciBus.Management.Hosts.Liveness;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Api;

/// <summary>What the signed port tells without a signature, and how often.</summary>
public sealed class UnsignedTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private ManagementFixture _management = null!;

    public async ValueTask InitializeAsync() => _management = await ManagementFixture.StartAsync(None);

    public ValueTask DisposeAsync() => _management.DisposeAsync();

    [Fact]
    public async Task Health_is_told_without_a_signature()
    {
        Assert.Equal("""{"status":"up","reasons":{}}""", await OkAsync(await _management.SignedHttp.GetAsync("/health/live", None)));
        Assert.Equal("""{"status":"up","reasons":{}}""", await OkAsync(await _management.SignedHttp.GetAsync("/health/ready", None)));
        Assert.Equal("""{"status":"up","reasons":{}}""", await OkAsync(await _management.Http.GetAsync("/health/ready", None)));

        await ExecuteAsync("ALTER TABLE domain RENAME TO gone");
        await OkAsync(await _management.SignedHttp.GetAsync("/health/live", None));
        using var response = await _management.SignedHttp.GetAsync("/health/ready", None);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("""{"status":"down","reasons":{"database":"does not answer"}}""", await response.Content.ReadAsStringAsync(None));
    }

    [Fact]
    public async Task Health_is_down_while_nothing_can_be_written()
    {
        _management.Services.GetRequiredService<HostSilence>().NoteWriting();
        _management.Time.Advance(TimeSpan.FromSeconds(15));
        await OkAsync(await _management.SignedHttp.GetAsync("/health/ready", None));
        _management.Time.Advance(TimeSpan.FromSeconds(1));
        using var response = await _management.SignedHttp.GetAsync("/health/ready", None);
        Assert.Equal("""{"status":"down","reasons":{"writing":"nothing could be written for 16 s"}}""", await response.Content.ReadAsStringAsync(None));

        _management.Services.GetRequiredService<HostSilence>().NoteWriting();
        await OkAsync(await _management.SignedHttp.GetAsync("/health/ready", None));
    }

    [Fact]
    public async Task Metrics_are_told_without_a_signature_to_the_machines_that_may_read_them()
    {
        await ExecuteAsync("INSERT INTO alert (uuid, type, subject, body, created) VALUES ('8d0c7f4e-6a52-4c0e-9d0e-0b1f6c1f2a33', 'ClockSkew', 'late', '', '2030-01-01')");
        var told = await OkAsync(await _management.SignedHttp.GetAsync("/metrics", None));
        Assert.Contains("pcibus_degraded_vms 0\n", told, StringComparison.Ordinal);
        Assert.Contains("pcibus_alerts{type=\"ClockSkew\"} 1\n", told, StringComparison.Ordinal);
        Assert.Contains("pcibus_alerts{type=\"HostAway\"} 0\n", told, StringComparison.Ordinal);

        using var elsewhere = new HttpClient(From(IPAddress.Parse("127.0.0.2"))) { BaseAddress = _management.SignedHttp.BaseAddress };
        using var refused = await elsewhere.GetAsync("/metrics", None);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal("127.0.0.2 is not among the addresses of prometheus.exporter.allowed.ips\n", await refused.Content.ReadAsStringAsync(None));

        await ExecuteAsync("ALTER TABLE alert RENAME TO gone");
        using var response = await _management.SignedHttp.GetAsync("/metrics", None);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
    }

    [Fact]
    public async Task An_address_that_calls_too_often_is_told_to_wait_and_others_are_answered()
    {
        for (var call = 0; call < ManagementFixture.ThrottlingMax; call++) (await _management.SignedHttp.GetAsync("/health/live", None)).Dispose();
        using var refused = await _management.SignedHttp.GetAsync("/client/api?command=listZones&apikey=x&signature=y", None);
        Assert.Equal((HttpStatusCode.TooManyRequests, "3600"), (refused.StatusCode, refused.Headers.RetryAfter!.ToString()));
        var error = JObject.Parse(await refused.Content.ReadAsStringAsync(None))["errorresponse"]!;
        Assert.Equal((429, 4545), ((int)error["errorcode"]!, (int)error["cserrorcode"]!));

        using var elsewhere = new HttpClient(From(IPAddress.Parse("127.0.0.2"))) { BaseAddress = _management.SignedHttp.BaseAddress };
        await OkAsync(await elsewhere.GetAsync("/health/live", None));
        await _management.OkAsync("listZones", None);
    }

    /// <summary>A client of this machine with another address.</summary>
    private static SocketsHttpHandler From(IPAddress address) => new()
    {
        ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, 0));
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
    };

    private static async Task<string> OkAsync(HttpResponseMessage response)
    {
        using var answer = response;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(None);
    }

    private Task<int> ExecuteAsync(string sql) => _management.DatabaseAsync(database => database.Database.ExecuteSqlRawAsync(sql));
}
