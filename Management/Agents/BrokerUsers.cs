using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using PciBus.Contracts;
using PciBus.Management.Hosts;

namespace PciBus.Management.Agents;

/// <summary>The users of hosts, over the HTTP API of RabbitMQ's management plugin. A user is named like its host's queue.</summary>
internal sealed class BrokerUsers : IBrokerUsers, IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    private readonly HttpClient _http;
    private readonly string _virtualHost;

    /// <param name="api">Where the HTTP API is, with a user in it that may make users.</param>
    /// <param name="bus">The virtual host and the authorities are its.</param>
    public BrokerUsers(Uri api, BusAddress bus)
    {
        _virtualHost = Uri.EscapeDataString(bus.VirtualHost);
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        handler.SslOptions.RemoteCertificateValidationCallback = bus.Tls.Accepts;
        _http = new HttpClient(handler) { BaseAddress = new Uri($"{api.GetLeftPart(UriPartial.Path).TrimEnd('/')}/"), Timeout = Timeout };
        var who = Uri.UnescapeDataString(api.UserInfo);
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(who)));
    }

    public async Task EnsureAsync(string hostGuid, string passwordHash, CancellationToken cancellationToken)
    {
        await DeleteAsync(hostGuid, cancellationToken);
        var user = EndpointNames.Agent(hostGuid);
        var own = Regex.Escape(user);
        await PutAsync($"api/users/{user}", new { password_hash = passwordHash, hashing_algorithm = "rabbit_password_hashing_sha256", tags = "" });
        await PutAsync(
            $"api/permissions/{_virtualHost}/{user}",
            new { configure = $"^{own}$", write = $@"^({own}|management\.(startup|pings|answers))$", read = $"^{own}$" });

        async Task PutAsync(string path, object content)
        {
            using var answer = await _http.PutAsJsonAsync(path, content, cancellationToken);
            answer.EnsureSuccessStatusCode();
        }
    }

    public async Task<IReadOnlyDictionary<string, string>> ListAsync(CancellationToken cancellationToken)
    {
        // Of this virtual host alone: another may belong to other hosts, of another management.
        var rights = await _http.GetFromJsonAsync<IReadOnlyList<Right>>($"api/vhosts/{_virtualHost}/permissions?columns=user", cancellationToken) ?? [];
        var here = rights.Select(right => right.User).Where(name => name.StartsWith(EndpointNames.Agent(""), StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);
        if (here.Count == 0) return new Dictionary<string, string>();
        var users = await _http.GetFromJsonAsync<IReadOnlyList<User>>("api/users?columns=name,password_hash", cancellationToken) ?? [];
        return users.Where(user => here.Contains(user.Name)).ToDictionary(user => EndpointNames.HostGuid(user.Name), user => user.PasswordHash ?? "");
    }

    public async Task DeleteAsync(string hostGuid, CancellationToken cancellationToken)
    {
        using var answer = await _http.DeleteAsync($"api/users/{Uri.EscapeDataString(EndpointNames.Agent(hostGuid))}", cancellationToken);
        if (answer.StatusCode != HttpStatusCode.NotFound) answer.EnsureSuccessStatusCode();
    }

    public void Dispose() => _http.Dispose();

    private sealed record Right(string User);

    private sealed record User(string Name, [property: JsonPropertyName("password_hash")] string? PasswordHash);
}
