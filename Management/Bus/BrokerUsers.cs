using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using PciBus.Contracts;
using PciBus.Contracts.Connection;
using PciBus.Management.Hosts.Joining;

namespace PciBus.Management.Bus;

/// <summary>
/// The users and exchanges of hosts, over the HTTP API of RabbitMQ's management plugin. Both are named like the host's queue.
/// </summary>
internal sealed class BrokerUsers : IBrokerUsers, IDisposable
{
    private const int Tries = 5;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    private readonly HttpClient _http;
    private readonly string _virtualHost;

    /// <param name="api">Where the HTTP API is, with a user in it that may make users.</param>
    /// <param name="bus">Names the virtual host and the authorities.</param>
    public BrokerUsers(Uri api, BusAddress bus)
    {
        _virtualHost = Uri.EscapeDataString(bus.VirtualHost);
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        handler.SslOptions.RemoteCertificateValidationCallback = bus.Tls.Accepts;
        _http = new HttpClient(handler) { BaseAddress = new Uri($"{api.GetLeftPart(UriPartial.Path).TrimEnd('/')}/"), Timeout = Timeout };
        var who = Uri.UnescapeDataString(api.UserInfo);
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(who)));
    }

    public async Task EnsureAsync(string hostGuid, string passwordHash, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await MakeAsync(EndpointNames.Agent(hostGuid), passwordHash, cancellationToken);
                return;
            }
            catch (HttpRequestException refusal) when (
                tries < Tries && refusal.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.InternalServerError)
            {
                // The broker's answer when another server makes the user too, and has just added it or taken the old one away.
            }
        }
    }

    public async Task<IReadOnlyDictionary<string, string>> ListAsync(CancellationToken cancellationToken)
    {
        // Of this virtual host alone: another virtual host may belong to hosts of another management.
        var rights = await _http.GetFromJsonAsync<IReadOnlyList<Right>>(
            $"api/vhosts/{_virtualHost}/permissions?columns=user", cancellationToken) ?? [];
        var here = rights.Select(right => right.User).Where(name => name.StartsWith(EndpointNames.Agent(""), StringComparison.Ordinal))
            .ToHashSet(StringComparer.Ordinal);
        if (here.Count == 0) return new Dictionary<string, string>();
        var users = await _http.GetFromJsonAsync<IReadOnlyList<User>>("api/users?columns=name,password_hash", cancellationToken) ?? [];
        return users.Where(user => here.Contains(user.Name)).ToDictionary(
            user => EndpointNames.HostGuid(user.Name), user => user.PasswordHash ?? "");
    }

    public Task DeleteAsync(string hostGuid, CancellationToken cancellationToken) =>
        DeleteUserAsync(EndpointNames.Agent(hostGuid), cancellationToken);

    public async Task<IReadOnlyList<string>> ListExchangesAsync(CancellationToken cancellationToken) =>
    [
        .. (await _http.GetFromJsonAsync<IReadOnlyList<Exchange>>($"api/exchanges/{_virtualHost}?columns=name", cancellationToken) ?? [])
            .Where(exchange => exchange.Name.StartsWith(EndpointNames.Agent(""), StringComparison.Ordinal))
            .Select(exchange => EndpointNames.HostGuid(exchange.Name)),
    ];

    public async Task<bool> TryDeleteExchangeAsync(string hostGuid, CancellationToken cancellationToken)
    {
        var name = Uri.EscapeDataString(EndpointNames.Agent(hostGuid));
        using var answer = await _http.DeleteAsync($"api/exchanges/{_virtualHost}/{name}?if-unused=true", cancellationToken);
        // The broker's answer when a queue is bound to the exchange.
        if (answer.StatusCode == HttpStatusCode.BadRequest) return false;
        if (answer.StatusCode != HttpStatusCode.NotFound) await ThrowUnlessDoneAsync(answer, cancellationToken);
        return true;
    }

    public void Dispose() => _http.Dispose();

    private async Task MakeAsync(string user, string passwordHash, CancellationToken cancellationToken)
    {
        if (await PasswordHashAsync(user, cancellationToken) is { } there && there != passwordHash)
        {
            await DeleteUserAsync(user, cancellationToken);
        }
        await PutAsync(PathOf(user), new { password_hash = passwordHash, hashing_algorithm = "rabbit_password_hashing_sha256", tags = "" });
        var own = Regex.Escape(user);
        await PutAsync(
            $"api/permissions/{_virtualHost}/{Uri.EscapeDataString(user)}",
            new { configure = $"^{own}$", write = $@"^({own}|management\.(startup|pings|answers))$", read = $"^{own}$" });

        async Task PutAsync(string path, object content)
        {
            using var answer = await _http.PutAsJsonAsync(path, content, cancellationToken);
            await ThrowUnlessDoneAsync(answer, cancellationToken);
        }
    }

    private async Task DeleteUserAsync(string user, CancellationToken cancellationToken)
    {
        using var answer = await _http.DeleteAsync(PathOf(user), cancellationToken);
        if (answer.StatusCode != HttpStatusCode.NotFound) await ThrowUnlessDoneAsync(answer, cancellationToken);
    }

    private static string PathOf(string user) => $"api/users/{Uri.EscapeDataString(user)}";

    /// <returns>Null when there is no such user.</returns>
    private async Task<string?> PasswordHashAsync(string user, CancellationToken cancellationToken)
    {
        using var answer = await _http.GetAsync(PathOf(user), cancellationToken);
        if (answer.StatusCode == HttpStatusCode.NotFound) return null;
        await ThrowUnlessDoneAsync(answer, cancellationToken);
        return (await answer.Content.ReadFromJsonAsync<User>(cancellationToken))?.PasswordHash ?? "";
    }

    private static async Task ThrowUnlessDoneAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        if (answer.IsSuccessStatusCode) return;
        var why = await answer.Content.ReadAsStringAsync(cancellationToken);
        throw new HttpRequestException(
            $"The broker's management API refuses {answer.RequestMessage?.Method} {answer.RequestMessage?.RequestUri?.AbsolutePath} with "
            + $"{(int)answer.StatusCode}: {why}",
            inner: null,
            answer.StatusCode);
    }

    private sealed record Right(string User);

    private sealed record Exchange(string Name);

    private sealed record User(string Name, [property: JsonPropertyName("password_hash")] string? PasswordHash);
}
