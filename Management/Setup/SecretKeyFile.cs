using System.Security.Cryptography;
using PciBus.Contracts.Connection;
using PciBus.Management.Accounts;

namespace PciBus.Management.Setup;

/// <summary>
/// The key with which the secret keys of users are encrypted: a file of the data folder; or, so that several servers of one database have
/// the same key, the environment, or a file that the environment names. It is no setting: everybody on a machine can read command lines.
/// </summary>
internal static class SecretKeyFile
{
    public const string Variable = "PCIBUS_SECRET_KEY";

    /// <summary>Names a file that holds the key, as containers get their secrets.</summary>
    public const string FileVariable = "PCIBUS_SECRET_KEY_FILE";
    public const string FileName = "secret-key";

    /// <summary>Reads the key; the first time, the file is made.</summary>
    /// <exception cref="SetupException">The given text is no key, or cannot be read.</exception>
    public static byte[] Read(string dataFolder, Func<string, string?> environment)
    {
        if (environment(Variable) is { Length: > 0 } given) return Decode(given, Variable);
        if (environment(FileVariable) is { Length: > 0 } named) return ReadNamed(named);
        var path = Path.Combine(dataFolder, FileName);
        if (!File.Exists(path))
        {
            OwnersFile.WriteIfMissing(path, Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretCipher.KeyBytes)));
        }
        return Decode(File.ReadAllText(path), path);
    }

    private static byte[] ReadNamed(string path)
    {
        try
        {
            return Decode(File.ReadAllText(path), path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"{FileVariable} names {path}, which cannot be read: {exception.Message}", exception);
        }
    }

    private static byte[] Decode(string text, string where)
    {
        var key = new byte[SecretCipher.KeyBytes];
        return Convert.TryFromBase64String(text.Trim(), key, out var length) && length == key.Length
            ? key
            : throw new SetupException(
                $"{where} is not a key: {SecretCipher.KeyBytes} random bytes in base64 are, as openssl rand -base64 32 prints them");
    }
}
