using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace PciBus.Management.Accounts;

/// <summary>
/// Encrypts the secret keys of users with AES-GCM, so that a copy of the database signs no call. Each key is bound to its user: moved to
/// another row, it does not open.
/// </summary>
/// <param name="key">32 bytes, the same on all servers of a database.</param>
internal sealed class SecretCipher(byte[] key)
{
    public const int KeyBytes = 32;

    private static readonly int NonceBytes = AesGcm.NonceByteSizes.MaxSize;
    private static readonly int TagBytes = AesGcm.TagByteSizes.MaxSize;

    /// <returns>Nonce, encrypted text and tag, in base64.</returns>
    public string Seal(string secret, long userId)
    {
        var text = Encoding.UTF8.GetBytes(secret);
        var sealedText = new byte[NonceBytes + text.Length + TagBytes];
        var nonce = sealedText.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(nonce, text, sealedText.AsSpan(NonceBytes, text.Length), sealedText.AsSpan(NonceBytes + text.Length), Of(userId));
        return Convert.ToBase64String(sealedText);
    }

    /// <returns>The secret; null when it was sealed with another key or for another user, or never.</returns>
    public string? Open(string sealedSecret, long userId)
    {
        try
        {
            var sealedText = Convert.FromBase64String(sealedSecret).AsSpan();
            if (sealedText.Length < NonceBytes + TagBytes) return null;
            var text = new byte[sealedText.Length - NonceBytes - TagBytes];
            using var aes = new AesGcm(key, TagBytes);
            aes.Decrypt(sealedText[..NonceBytes], sealedText[NonceBytes..^TagBytes], sealedText[^TagBytes..], text, Of(userId));
            return Encoding.UTF8.GetString(text);
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException)
        {
            return null;
        }
    }

    private static byte[] Of(long userId)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, userId);
        return bytes;
    }
}
