using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.EndToEnd;

/// <summary>The port for others, as an operator meets it: what the first start makes, and what the next ones keep.</summary>
[OutOfProcess]
[OnlyInAll("a quarter of a minute of processes")]
public sealed class SignedPortTests : IAsyncLifetime
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);
    private readonly ManagementProcess _management = new(Directory.CreateTempSubdirectory("pcibus-signed").FullName);
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;
    private readonly HttpClient _http = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _management.DisposeAsync();
        Directory.Delete(_management.DataFolder, recursive: true);
    }

    [Fact]
    public async Task The_first_start_makes_keys_shows_them_once_and_they_stay()
    {
        await _management.StartAsync(3, _token);
        var text = await File.ReadAllTextAsync(FileOf("admin-credentials"), _token);
        var made = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        Assert.Equal("admin", made["username"]);
        // 22 characters of base64 are 128 bits and more.
        Assert.InRange(made["password"].Length, 22, 100);
        await Patience.UntilAsync(
            () => CountInOutput(text) == 1, Soon, () => _management.LastLines, _token, "management has shown the keys");
        FileRights.AreTheOwnersAlone(FileOf("admin-credentials"));
        FileRights.AreTheOwnersAlone(FileOf("secret-key"));

        Assert.Equal(HttpStatusCode.OK, await CallAsync(made));
        Assert.Equal("""{"status":"up","reasons":{}}""", await _http.GetStringAsync(Url("/health/live"), _token));
        Assert.Equal("""{"status":"up","reasons":{}}""", await _http.GetStringAsync(Url("/health/ready"), _token));

        Assert.Equal(0, await _management.InterruptAsync(_token));
        await _management.StartAsync(3, _token);
        Assert.Equal(HttpStatusCode.OK, await CallAsync(made));
        Assert.Equal(text, await File.ReadAllTextAsync(FileOf("admin-credentials"), _token));
        foreach (var secret in new[] { made["password"], made["secretkey"] })
        {
            Assert.Equal(1, CountInOutput(secret));
            foreach (var file in Directory.GetFiles(_management.DataFolder, "pcibus.db*"))
            {
                Assert.Equal(-1, (await ReadAsync(file)).IndexOf(secret, StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public async Task A_port_that_cannot_be_opened_is_one_line_that_names_the_remedy()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        Assert.Equal(
            $"Port {port} on 127.0.0.1 is taken: stop what listens there, or choose another with --setting api.port=PORT",
            await FailAsync($"api.port={port}"));
        Assert.StartsWith("Nothing can listen on 192.0.2.1:", await FailAsync("api.address=192.0.2.1"), StringComparison.Ordinal);
        Assert.Equal(
            "The setting api.address is \"here\" (command line); allowed is an IP address of this machine, or 0.0.0.0 for all of them",
            await FailAsync("api.address=here"));
    }

    /// <summary>Starts it with a setting that cannot be: what it says.</summary>
    private async Task<string> FailAsync(string setting)
    {
        await using var management = new ManagementProcess(_management.DataFolder);
        Assert.Equal(1, await management.RunToEndAsync(_token, "--setting", setting));
        return Assert.Single(management.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private async Task<HttpStatusCode> CallAsync(Dictionary<string, string> made)
    {
        var query = SignedRequest.Of(made["apikey"], made["secretkey"], ("command", "listHosts"));
        using var response = await _http.GetAsync(Url($"/client/api?{query}"), _token);
        return response.StatusCode;
    }

    /// <summary>The server has the file open.</summary>
    private async Task<string> ReadAsync(string file)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
        return await reader.ReadToEndAsync(_token);
    }

    private Uri Url(string path) => new($"http://127.0.0.1:{_management.ApiPort}{path}");

    private string FileOf(string name) => Path.Combine(_management.DataFolder, name);

    private int CountInOutput(string text) => Regex.Count(_management.Output, Regex.Escape(text));
}
