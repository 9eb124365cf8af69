using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace PciBus.Management.Api.Signing;

/// <summary>CloudStack's signature of a request: HMAC-SHA1 over all its other parameters.</summary>
internal static class RequestSignature
{
    public const string Parameter = "signature";

    /// <summary>Whether the request carries the signature that this secret key makes, in any of the forms clients sign.</summary>
    [SuppressMessage("Security", "CA5350", Justification = "CloudStack's clients sign with nothing else; as an HMAC, SHA-1 is not broken.")]
    public static bool IsOf(IReadOnlyDictionary<string, string> parameters, string secretKey)
    {
        // A plus that was not percent-encoded in a URL has become a space on the way.
        var text = parameters.GetValueOrDefault(Parameter, "").Replace(' ', '+');
        var given = new byte[HMACSHA1.HashSizeInBytes];
        if (!Convert.TryFromBase64String(text, given, out var length) || length != given.Length) return false;

        var signed = parameters.Where(parameter => !parameter.Key.Equals(Parameter, StringComparison.OrdinalIgnoreCase)).ToList();
        // Some clients encode names and most do not: a name with such a character could pass for other names, or for two parameters.
        if (signed.Any(parameter => parameter.Key.AsSpan().IndexOfAny("&=%+") >= 0)) return false;

        var key = Encoding.UTF8.GetBytes(secretKey);
        // Tried one after the other, and none is kept: a request may be long, and its sender is not known yet.
        return CanonicalForm.For(signed)
            .Select(form => form.Write(signed))
            .Any(form => CryptographicOperations.FixedTimeEquals(HMACSHA1.HashData(key, Encoding.UTF8.GetBytes(form)), given));
    }
}
