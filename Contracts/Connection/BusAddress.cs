using System.Diagnostics.CodeAnalysis;

namespace PciBus.Contracts.Connection;

/// <summary>Where the broker is and who connects to it: <c>amqp://user:password@host:port/vhost</c>, or <c>amqps</c>.</summary>
/// <param name="VirtualHost"><c>/</c> when the address names none.</param>
public sealed record BusAddress(string Host, int Port, string VirtualHost, string User, string Password, bool IsTls)
{
    /// <summary>Counts with <c>amqps</c> only.</summary>
    public TlsSettings Tls { get; init; } = TlsSettings.OfTheMachine;

    /// <summary>What an address looks like; for the message about a text that is no address.</summary>
    public const string Form = "amqp://user:password@host:port/vhost, or amqps:// with TLS";

    public static bool TryParse(string text, [NotNullWhen(true)] out BusAddress? address)
    {
        address = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("amqp" or "amqps") || uri.Host.Length == 0)
        {
            return false;
        }
        var who = uri.UserInfo.Split(':', 2);
        var path = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/'));
        var isTls = uri.Scheme == "amqps";
        address = new BusAddress(
            uri.Host,
            uri.Port > 0 ? uri.Port : isTls ? 5671 : 5672,
            path.Length > 0 ? path : "/",
            who[0].Length > 0 ? Uri.UnescapeDataString(who[0]) : "guest",
            who.Length > 1 ? Uri.UnescapeDataString(who[1]) : "guest",
            isTls);
        return true;
    }

    /// <summary>The address as it was written, with the password.</summary>
    public string ToText() => $"{(IsTls ? "amqps" : "amqp")}://{Uri.EscapeDataString(User)}:{Uri.EscapeDataString(Password)}@{Host}:{Port}"
        + (VirtualHost == "/" ? "" : $"/{Uri.EscapeDataString(VirtualHost)}");

    /// <summary>For logs: everything but the password.</summary>
    public override string ToString() =>
        $"{(IsTls ? "amqps" : "amqp")}://{User}@{Host}:{Port}{(VirtualHost == "/" ? "" : $"/{Uri.EscapeDataString(VirtualHost)}")}";
}
