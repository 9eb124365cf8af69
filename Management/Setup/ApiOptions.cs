using System.Net;
using PciBus.Contracts.Connection;
using PciBus.Management.Configuration;

namespace PciBus.Management.Setup;

/// <summary>Where calls come in, and from where.</summary>
internal sealed record ApiOptions
{
    [Setting("integration.api.port", SettingCategory.Api,
        "where this machine calls as the administrator, without a signature", Max = ushort.MaxValue)]
    public int IntegrationPort { get; init; } = 8096;

    [Setting("api.port", SettingCategory.Api, "where signed calls come in", Max = ushort.MaxValue)]
    public int Port { get; init; } = 8080;

    [Setting("api.tls.certificate", SettingCategory.Api,
        "makes the API port HTTPS; certificates that lead to an authority follow the server's in the file", Allowed = TlsSettings.FileForm)]
    public string? TlsCertificate { get; init; }

    [Setting("api.tls.key", SettingCategory.Api, "its key; default: in the certificate's file", Allowed = TlsSettings.FileForm)]
    public string? TlsKey { get; init; }

    [Setting("api.throttling.max", SettingCategory.Api,
        "how many signed calls one address makes within api.throttling.interval; 0 is no limit", Min = 0, Max = 1_000_000)]
    public int ThrottlingMax { get; init; } = 100;

    [Setting("api.throttling.interval", SettingCategory.Api, "the time in which they are counted", Min = 0.1)]
    public TimeSpan ThrottlingInterval { get; init; } = TimeSpan.FromSeconds(1);

    [Setting("api.address", SettingCategory.Api, "the address that signed calls come to")]
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    [Setting(MetricsSetup.AllowedIps, SettingCategory.Api, "from where /metrics of the API port is read")]
    public IReadOnlyList<IPAddress> MetricsReaders { get; init; } = [IPAddress.Loopback];

    /// <summary>Of <see cref="Port"/>; without a certificate it is plain HTTP.</summary>
    public TlsSettings Tls { get; init; } = TlsSettings.OfTheMachine;

    /// <summary>Where signed calls come in.</summary>
    public IPEndPoint EndPoint => new(Address, Port);

    /// <summary>The options with the certificate that they name.</summary>
    /// <exception cref="IOException">The certificate cannot be read.</exception>
    public ApiOptions WithTls() => this with { Tls = TlsSettings.Read(null, TlsCertificate, TlsKey) };
}
