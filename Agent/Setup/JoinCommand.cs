using System.Text.Json;
using PciBus.Agent.Registration;
using PciBus.Contracts.Connection;
using PciBus.Contracts.Joining;

namespace PciBus.Agent.Setup;

/// <summary><c>Agent join</c>: gets this host's own credentials for the broker from management, for a token of an operator.</summary>
internal static class JoinCommand
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    /// <param name="server">Management's signed port.</param>
    /// <param name="token">Of <c>createHostJoinToken</c>.</param>
    /// <param name="authorities">PEM file of the authorities of management's certificate; null = those of the machine.</param>
    /// <returns>The exit code: 0 when it has joined.</returns>
    public static async Task<int> RunAsync(
        FileInfo file, string server, string token, FileInfo? authorities, TextWriter output, TextWriter error,
        CancellationToken cancellationToken)
    {
        try
        {
            // The token is as good as a password.
            if (!Uri.TryCreate(server, UriKind.Absolute, out var address)
                || (address.Scheme != Uri.UriSchemeHttps && !(address.Scheme == Uri.UriSchemeHttp && address.IsLoopback)))
            {
                throw new IOException($"--server {server} is not allowed; allowed is https://host:port, or http:// on this machine alone");
            }

            if (token.Length == 0) throw new IOException("--token is missing; createHostJoinToken makes one");

            var properties = EnvironmentOverrides.Open(file).Properties;
            if (AgentProperties.HasBus(file.FullName))
            {
                throw new IOException($"{file.FullName} has a {AgentProperties.BusAddressKey}, which would win over what this host gets "
                    + "when it joins: remove it");
            }

            BusCredentials.Probe(properties.DataFolder);
            var joined = await AskAsync(properties, address, token, TlsSettings.Read(authorities?.FullName, null, null), cancellationToken);
            if (joined.BusAddress is null)
            {
                throw new IOException($"{server} refuses {properties.Name} ({properties.Guid}): {joined.Refusal}");
            }
            await output.WriteLineAsync(
                $"{properties.Name} has joined; {BusCredentials.Write(properties.DataFolder, joined)} is for the agent alone");
            return 0;
        }
        catch (Exception e) when (
            e is AgentPropertiesException or IOException or UnauthorizedAccessException or HttpRequestException or JsonException)
        {
            await error.WriteLineAsync(
                e is HttpRequestException ? $"{server} cannot be asked: {e.InnerException?.Message ?? e.Message}" : e.Message);
            return RunCommand.NotUsable;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await error.WriteLineAsync($"{server} did not answer within {Timeout.TotalSeconds} s");
            return RunCommand.NotUsable;
        }
    }

    private static async Task<HostJoinAnswer> AskAsync(
        AgentProperties properties, Uri server, string token, TlsSettings tls, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        handler.SslOptions.RemoteCertificateValidationCallback = tls.Accepts;
        using var http = new HttpClient(handler) { BaseAddress = server, Timeout = Timeout };
        using var answer = await http.PostAsJsonAsync(
            HostJoinRequest.Path,
            new HostJoinRequest
            {
                Token = token,
                Guid = properties.Guid,
                Name = properties.Name,
                Zone = properties.Zone,
                Pod = properties.Pod,
                Cluster = properties.Cluster,
                Machine = await HostSetup.FindMachineIdAsync(properties, cancellationToken),
            },
            cancellationToken);
        if (answer.Content.Headers.ContentType?.MediaType != "application/json")
        {
            throw new IOException($"{server} is no PciBus management: it answered {(int)answer.StatusCode} {answer.ReasonPhrase}");
        }

        return await answer.Content.ReadFromJsonAsync<HostJoinAnswer>(cancellationToken) ?? new HostJoinAnswer();
    }
}
