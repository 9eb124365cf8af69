using System.Globalization;
using System.Security.Cryptography;

namespace PciBus.Management.Accounts;

/// <summary>
/// What is kept of a password: PBKDF2 with SHA-256, written as <c>pbkdf2-sha256$iterations$salt$hash</c>, so that old hashes can still be
/// checked when new hashes are made with more iterations.
/// </summary>
internal static class PasswordHash
{
    private const string Algorithm = "pbkdf2-sha256";
    private const int Iterations = 600_000;
    private const int SaltBytes = 16;

    public static string Of(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        var hash = Derive(password, salt, Iterations);
        return string.Create(
            CultureInfo.InvariantCulture, $"{Algorithm}${Iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}");
    }

    /// <summary>Whether a password is the password that was hashed; every wrong password takes the same time.</summary>
    public static bool IsOf(string password, string kept)
    {
        if (kept.Split('$') is not [Algorithm, var iterations, var salt, var hash]) return false;
        var derived = Derive(password, Convert.FromBase64String(salt), int.Parse(iterations, CultureInfo.InvariantCulture));
        return CryptographicOperations.FixedTimeEquals(derived, Convert.FromBase64String(hash));
    }

    private static byte[] Derive(string password, byte[] salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);
}
