namespace PciBus.Management.Accounts;

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
