using PciBus.Contracts.Connection;
using PciBus.Management.Configuration;
using PciBus.Management.Hosts.Joining;

namespace PciBus.Management.Setup;

/// <summary>How management and the hosts reach the broker.</summary>
internal sealed record BusOptions
{
    [Setting("bus.address", SettingCategory.Bus,
        "the broker; without one the bus is in this process, with simulated hosts on it", IsSecret = true)]
    public BusAddress? Address { get; init; }

    [Setting("bus.agents.address", SettingCategory.Bus,
        "the broker as hosts reach it; they are told it when they join, each with its own user. Default: bus.address", IsSecret = true)]
    public BusAddress? AgentsAddress { get; init; }

    [Setting("bus.management.address", SettingCategory.Bus,
        "the HTTP API of the broker's management plugin, with a user that may make users, and has permissions in the virtual host: "
        + "hosts that join get one each",
        IsSecret = true)]
    public Uri? ManagementAddress { get; init; }

    [Setting("bus.tls.ca", SettingCategory.Bus,
        "the authorities of the broker's certificate; default: those of the machine. Hosts that join are told them",
        Allowed = TlsSettings.FileForm)]
    public string? TlsAuthorities { get; init; }

    [Setting("bus.tls.certificate", SettingCategory.Bus,
        "management's own certificate, for a broker that asks for one", Allowed = TlsSettings.FileForm)]
    public string? TlsCertificate { get; init; }

    [Setting("bus.tls.key", SettingCategory.Bus, "its key; default: in the certificate's file", Allowed = TlsSettings.FileForm)]
    public string? TlsKey { get; init; }

    [Setting("bus.retry.times", SettingCategory.Bus,
        "how often management tries a message that failed again, before the broker delivers it anew; "
        + "after five deliveries it is a dead letter", Max = 100)]
    public int RetryTimes { get; init; } = 5;

    [Setting("bus.retry.pause", SettingCategory.Bus,
        "the longest pause between two of these tries; the first pauses are shorter", Min = 0.1)]
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Null without a broker.</summary>
    public HostJoinOptions? Joining => Address is null ? null : new HostJoinOptions(
        (user, password) => ((AgentsAddress ?? Address) with { User = user, Password = password }).ToText(), Address.Tls.AuthoritiesText);

    /// <summary>The options with the certificates that they name.</summary>
    /// <exception cref="IOException">A certificate cannot be read.</exception>
    public BusOptions WithTls()
    {
        var tls = TlsSettings.Read(TlsAuthorities, TlsCertificate, TlsKey);
        return Address is null ? this : this with { Address = Address with { Tls = tls } };
    }

    /// <summary>Nothing of the addresses that have passwords in them.</summary>
    public override string ToString() => $"{Address}";
}
