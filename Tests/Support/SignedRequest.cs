using System.Security.Cryptography;
using System.Text;

namespace PciBus.Tests.Support;

/// <summary>A request as a client signs it, written apart from what checks it.</summary>
internal static class SignedRequest
{
    /// <summary>The parameters and their signature, as a query string or a form.</summary>
    public static string Of(string apiKey, string secretKey, params (string Name, string Value)[] parameters)
    {
        (string Name, string Value)[] all = [.. parameters, ("apiKey", apiKey), ("response", "json")];
        return $"{Text(all)}&signature={Uri.EscapeDataString(Sign(all, secretKey))}";
    }

    public static string Text(IEnumerable<(string Name, string Value)> parameters) =>
        string.Join('&', parameters.Select(pair => $"{Uri.EscapeDataString(pair.Name)}={Uri.EscapeDataString(pair.Value)}"));

    public static string Sign(IEnumerable<(string Name, string Value)> parameters, string secretKey)
    {
        var text = string.Join('&', parameters
            .OrderBy(pair => pair.Name, StringComparer.Ordinal)
            .Select(pair => $"{pair.Name}={Uri.EscapeDataString(pair.Value)}"));
#pragma warning disable CA5350 // CloudStack's clients sign with nothing else.
        return Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secretKey), Encoding.UTF8.GetBytes(text.ToLowerInvariant())));
#pragma warning restore CA5350
    }
}
