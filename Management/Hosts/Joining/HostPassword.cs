using System.Security.Cryptography;
using System.Text;

namespace PciBus.Management.Hosts.Joining;

/// <summary>The passwords of hosts on the broker, and join tokens: random, and so long that a plain hash protects them.</summary>
internal static class HostPassword
{
    private const int Bytes = 32;
    private const int SaltBytes = 4;

    /// <summary>43 characters, which may stand in a URL as they are.</summary>
    public static string New() =>
        Convert.ToBase64String(RandomNumberGenerator.GetBytes(Bytes)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <summary>SHA-256 in hexadecimal, to find a token by.</summary>
    public static string HashOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    /// <summary>
    /// As RabbitMQ keeps passwords (<c>rabbit_password_hashing_sha256</c>): base64 of a salt, and of SHA-256 of salt and password.
    /// </summary>
    public static string ForBroker(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return Convert.ToBase64String([.. salt, .. SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(password)])]);
    }
}
