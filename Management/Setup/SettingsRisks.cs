using System.Net;
using PciBus.Management.Hosts;

namespace PciBus.Management.Setup;

/// <summary>What settings leave open to others, and what they leave out: warnings for the operator.</summary>
internal static class SettingsRisks
{
    public static IEnumerable<string> Of(BusOptions bus, ApiOptions api, HostOptions hosts)
    {
        if (bus.Address is not null && hosts.Admission == HostAdmission.Open)
        {
            yield return "host.admission is open: whoever reaches the broker can speak as any host";
        }
        else if (bus.Address is not null && bus.ManagementAddress is null)
        {
            yield return "bus.management.address is not set: no host can join";
        }

        if (bus.Address is not null && hosts.Admission == HostAdmission.Joined)
        {
            foreach (var (setting, broker) in new[] { ("bus.address", bus.Address), ("bus.agents.address", bus.AgentsAddress) })
            {
                if (broker is { IsTls: false } && !IsLoopback(broker.Host))
                {
                    yield return $"{setting} is {broker.Host} without TLS: the passwords of users and hosts can be read on their way; "
                        + "use amqps://";
                }
            }
        }

        if (bus is { Address: not null, ManagementAddress: { IsLoopback: false } management } && management.Scheme == Uri.UriSchemeHttp)
        {
            yield return $"bus.management.address is {management.Host} without TLS: "
                + "the passwords of users and hosts can be read on their way; use https://";
        }

        foreach (var (side, key, certificate) in new[] { ("bus", bus.TlsKey, bus.TlsCertificate), ("api", api.TlsKey, api.TlsCertificate) })
        {
            if (key is null || certificate is not null) continue;
            yield return $"{side}.tls.key is set without {side}.tls.certificate, and is ignored";
        }

        if (api.Tls.Certificate is null && !IPAddress.IsLoopback(api.Address))
        {
            yield return $"The API answers on {api.EndPoint} without TLS: passwords, keys and join tokens can be read on their way; "
                + "set api.tls.certificate";
        }
    }

    private static bool IsLoopback(string host) => new Uri($"http://{host}").IsLoopback;
}
