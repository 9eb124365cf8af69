using System.Buffers.Text;
using System.Security.Cryptography;

namespace PciBus.Management.Accounts;

/// <summary>
/// A password and a key pair in clear, as they are when they are made. A class, not a record: the text of a record tells what it holds.
/// </summary>
internal sealed class Credentials
{
    private const int PasswordBytes = 18;
    private const int KeyBytes = 64;

    public required string Password { get; init; }

    public required string ApiKey { get; init; }

    public required string SecretKey { get; init; }

    /// <summary>New credentials, of letters, digits, - and _ alone: nothing has to be quoted in a shell or in a URL.</summary>
    public static Credentials Random() => new()
    {
        Password = RandomText(PasswordBytes),
        ApiKey = RandomText(KeyBytes),
        SecretKey = RandomText(KeyBytes),
    };

    private static string RandomText(int bytes) => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(bytes));
}

/// <summary>The user whom an API key names.</summary>
/// <param name="secretKey">In clear; null when this server's key does not open it.</param>
internal sealed class KeyHolder(User user, Account account, string? secretKey)
{
    public string Username => user.Username;

    public string? SecretKey => secretKey;

    public Caller Caller => new(user.Id, user.AccountId, account.DomainId);

    /// <summary>
    /// As long as there are no roles, every caller may do everything: so only users of the root administrator's account may
    /// call at all.
    /// </summary>
    public bool MayCall => user.State == User.Enabled && account.State == Account.Enabled && account.Type == Account.Admin;
}
