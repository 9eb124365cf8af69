using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Newtonsoft.Json.Linq;
using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Persistence;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Api;

/// <summary>Who may call on the signed port, and how everybody else is refused.</summary>
public sealed class SignedPortTests : IAsyncLifetime
{
    private const string NotVerified = "unable to verify user credentials and/or request signature";
    private static readonly CancellationToken None = CancellationToken.None;

    private static readonly (string Name, string Value)[] Offering =
    [
        ("command", "createServiceOffering"), ("name", "a small~one*"), ("displayText", "Ä small + one"), ("cpuNumber", "1"),
        ("cpuSpeed", "1000"), ("memory", "512"), ("signatureVersion", "3"), ("expires", "2030-01-01T00:10:00+0000"),
    ];

    private readonly Credentials _admin = Credentials.Random();
    private ManagementFixture _management = null!;

    public async ValueTask InitializeAsync()
    {
        _management = await ManagementFixture.StartAsync(None);
        Assert.True(await _management.Services.GetRequiredService<DatabaseTransactions>().RunAsync(
            (UserKeyManager keys) => keys.TryGiveAdminAsync(_admin, "a hash", None), None));
    }

    public ValueTask DisposeAsync() => _management.DisposeAsync();

    [Fact]
    public async Task A_signed_url_is_carried_out() => Assert.Equal(
        """{"listzonesresponse":{}}""", await OkAsync(await GetAsync(Signed(("command", "listZones")))));

    [Fact]
    public async Task So_is_a_signed_form()
    {
        Assert.Contains("a small~one*", await OkAsync(await PostAsync("", Signed(Offering))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task So_is_a_form_that_is_half_a_url()
    {
        var parts = Signed(Offering).Split('&');
        await OkAsync(await PostAsync(string.Join('&', parts[..4]), string.Join('&', parts[4..])));
    }

    [Fact]
    public async Task A_signature_need_not_be_encoded_in_the_url()
    {
        for (var i = 0; i < 20; i++)
        {
            await OkAsync(await GetAsync(Signed(("command", "listZones"), ("_", $"{i}"))
                .Replace("%2B", "+", StringComparison.Ordinal).Replace("%2F", "/", StringComparison.Ordinal).Replace("%3D", "=", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task Names_of_parameters_are_found_in_any_case()
    {
        (string, string)[] all = [("APIKEY", _admin.ApiKey), ("command", "listZones"), ("Response", "json")];
        await OkAsync(await GetAsync($"{SignedRequest.Text(all)}&SIGNATURE={Uri.EscapeDataString(SignedRequest.Sign(all, _admin.SecretKey))}"));
    }

    [Fact]
    public async Task No_parameter_can_be_changed_left_out_or_added()
    {
        var query = Signed(Offering);
        var parts = query.Split('&');
        for (var i = 0; i < parts.Length; i++)
        {
            var name = parts[i].Split('=')[0];
            var others = parts.Where((_, index) => index != i).ToList();
            await RefusedAsync(string.Join('&', others));
            await RefusedAsync(string.Join('&', others.Append($"{name}=9")));
            await RefusedAsync(string.Join('&', others.Append($"{name}x={parts[i].Split('=')[1]}")));
            await RefusedAsync($"{query}&{name}=9");
            await RefusedAsync($"{query}&{name.ToUpperInvariant()}=9");
        }

        await RefusedAsync($"{query}&hosttags=x");
        await OkAsync(await GetAsync(query));
        Assert.Single((await _management.OkAsync("listServiceOfferings", None))["serviceoffering"]!);
    }

    [Fact]
    public async Task Of_a_repeated_parameter_the_one_that_counts_is_the_one_that_was_signed()
    {
        await OkAsync(await GetAsync($"cpunumber=64&{Signed(Offering)}"));
        Assert.Equal(1, (int)(await _management.OkAsync("listServiceOfferings", None))["serviceoffering"]!.Single()["cpunumber"]!);
        await OkAsync(await PostAsync(Signed(("command", "listZones")), "command=listServiceOfferings"));
    }

    [Fact]
    public async Task When_it_has_expired_a_request_cannot_be_repeated()
    {
        var query = Signed(("command", "listZones"), ("signatureVersion", "3"), ("expires", "2030-01-01T00:10:00+0000"));
        _management.Time.Advance(TimeSpan.FromMinutes(10));
        await OkAsync(await GetAsync(query));
        _management.Time.Advance(TimeSpan.FromSeconds(1));
        await RefusedAsync(query);
        await RefusedAsync(Signed(("command", "listZones"), ("signatureVersion", "3")));
    }

    [Theory]
    [InlineData("command=listZones&response=json", "listzonesresponse")]
    [InlineData("command=listZones&apikey=&signature=", "listzonesresponse")]
    [InlineData("command=listZones&apikey=nobodys&signature=TTpdDq/7j/J58XCRHomKoQXEQds=", "listzonesresponse")]
    [InlineData("command=listZones&apikey=%00%EF%BF%BD&signature=x", "listzonesresponse")]
    [InlineData("command=nothing&apikey=nobodys&signature=x", "errorresponse")]
    [InlineData("apikey=nobodys&signature=x", "errorresponse")]
    [InlineData("", "errorresponse")]
    public async Task Without_a_known_key_nothing_is_told(string query, string wrapper)
    {
        using var response = await _management.SignedHttp.GetAsync($"/client/api?{query}", None);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal(
            $$$"""{"{{{wrapper}}}":{"uuidList":[],"errorcode":401,"cserrorcode":4290,"errortext":"{{{NotVerified}}}"}}""",
            await response.Content.ReadAsStringAsync(None));
    }

    [Fact]
    public async Task Another_secret_key_is_refused() =>
        await RefusedAsync(SignedRequest.Of(_admin.ApiKey, Credentials.Random().SecretKey, ("command", "listZones")));

    [Theory]
    [InlineData("UPDATE user SET state = 'Disabled'")]
    [InlineData("UPDATE user SET state = 'Locked'")]
    [InlineData("UPDATE user SET removed = '2029-01-01 00:00:00'")]
    [InlineData("UPDATE user SET secret_key = NULL")]
    [InlineData("UPDATE user SET secret_key = 'AAAA'")]
    [InlineData("UPDATE account SET state = 'Disabled'")]
    [InlineData("UPDATE account SET removed = '2029-01-01 00:00:00'")]
    [InlineData("UPDATE account SET type = 'User'")]
    public async Task Whoever_may_no_longer_call_is_refused(string change)
    {
        await OkAsync(await GetAsync(Signed(("command", "listZones"))));
        await ExecuteAsync(change);
        await RefusedAsync(Signed(("command", "listZones")));
    }

    [Fact]
    public async Task An_unknown_command_is_no_matter_of_credentials()
    {
        using var response = await GetAsync(Signed(("command", "nothing")));
        Assert.Equal(432, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_not_read()
    {
        // The body is announced and never sent: an answer comes all the same.
        var address = _management.SignedHttp.BaseAddress!;
        using var client = new TcpClient(address.Host, address.Port);
        await using var stream = client.GetStream();
        var head = "POST /client/api HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            + $"Content-Length: {3 << 20}\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), None);
        using var reader = new StreamReader(stream);
        Assert.StartsWith("HTTP/1.1 430 ", await reader.ReadLineAsync(None), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_user_does_is_its_own()
    {
        await ExecuteAsync(
            "INSERT INTO account SELECT 2, 'B4F1F1C0-6C1A-4C7B-9B0E-6B1D6A1B0012', 'second', type, domain_id, state, created, removed FROM account");
        var keys = Credentials.Random();
        var secret = _management.Services.GetRequiredService<SecretCipher>().Seal(keys.SecretKey, 2);
        await ExecuteAsync(
            "INSERT INTO user (id, uuid, username, account_id, firstname, lastname, state, created, api_key, secret_key)"
            + $" VALUES (2, 'B4F1F1C0-6C1A-4C7B-9B0E-6B1D6A1B0013', 'second', 2, '', '', 'Enabled', '2029-01-01 00:00:00', '{keys.ApiKey}', '{secret}')");

        await OkAsync(await GetAsync(SignedRequest.Of(keys.ApiKey, keys.SecretKey, Offering)));
        var recorded = await _management.DatabaseAsync(database => database.Set<Event>().SingleAsync(one => one.Type == "SERVICE.OFFERING.CREATE"));
        Assert.Equal((2L, 2L, 1L), (recorded.UserId, recorded.AccountId, recorded.DomainId));
    }

    [Fact]
    public async Task No_secret_is_logged_or_stored_in_clear()
    {
        await OkAsync(await GetAsync(Signed(Offering)));
        await RefusedAsync(Signed(Offering) + "&x=1");
        await ExecuteAsync("UPDATE user SET state = 'Disabled'");
        await RefusedAsync(Signed(("command", "listZones")));
        await ExecuteAsync("ALTER TABLE account RENAME TO gone");
        using var response = await GetAsync(Signed(("command", "listZones")));
        Assert.Equal(530, (int)response.StatusCode);

        var log = string.Join('\n', _management.Log.Lines.Select(line => line.Text));
        Assert.Contains("API key of admin was refused: the signature is not that of this request", log, StringComparison.Ordinal);
        Assert.Contains("API key of admin was refused: the user or its account is not enabled", log, StringComparison.Ordinal);
        var stored = await _management.DatabaseAsync(database => database.Set<User>().SingleAsync());
        var events = await _management.DatabaseAsync(database => database.Set<Event>().Select(one => one.Description).ToListAsync());
        var shown = string.Join('\n', [log, await response.Content.ReadAsStringAsync(None), stored.SecretKey!, .. events]);
        Assert.DoesNotContain(_admin.SecretKey, shown, StringComparison.Ordinal);
        Assert.DoesNotContain(_admin.ApiKey, shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_methods_and_paths_are_not_there()
    {
        using var response = await _management.SignedHttp.DeleteAsync($"/client/api?{Signed(("command", "listZones"))}", None);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        using var elsewhere = await _management.SignedHttp.GetAsync($"/?{Signed(("command", "listZones"))}", None);
        Assert.Equal(HttpStatusCode.NotFound, elsewhere.StatusCode);
    }

    private string Signed(params (string Name, string Value)[] parameters) => SignedRequest.Of(_admin.ApiKey, _admin.SecretKey, parameters);

    private Task<HttpResponseMessage> GetAsync(string query) => _management.SignedHttp.GetAsync($"/client/api?{query}", None);

    private async Task<HttpResponseMessage> PostAsync(string query, string form)
    {
        using var content = new StringContent(form, Encoding.UTF8, "application/x-www-form-urlencoded");
        return await _management.SignedHttp.PostAsync($"/client/api?{query}", content, None);
    }

    private static async Task<string> OkAsync(HttpResponseMessage response)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync(None);
            Assert.True(response.StatusCode == HttpStatusCode.OK, text);
            return text;
        }
    }

    private async Task RefusedAsync(string query)
    {
        using var response = await GetAsync(query);
        Assert.True(response.StatusCode == HttpStatusCode.Unauthorized, $"{response.StatusCode}: {query}");
        var answer = JObject.Parse(await response.Content.ReadAsStringAsync(None));
        Assert.Equal(NotVerified, (string)answer.Properties().Single().Value["errortext"]!);
    }

    private Task<int> ExecuteAsync(string sql) => _management.DatabaseAsync(database => database.Database.ExecuteSqlRawAsync(sql));
}
