namespace PciBus.Management.Accounts;

/// <summary>For whom something is done: the owner of what is made, and the name under which it is recorded.</summary>
internal sealed record Caller(long UserId, long AccountId, long DomainId)
{
    /// <summary>PciBus itself, and everybody who may use the integration port.</summary>
    public static Caller Admin { get; } = new(User.AdminId, Account.AdminId, Domain.RootId);
}
