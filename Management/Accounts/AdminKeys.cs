namespace PciBus.Management.Accounts;

/// <summary>The state of the keys of the user admin in a database.</summary>
internal enum AdminKeys
{
    /// <summary>The user has no password yet: no server has started on this database.</summary>
    Missing,

    /// <summary>The keys are there, and this server can read secret keys.</summary>
    Readable,

    /// <summary>The keys were sealed with another key than this server's.</summary>
    Unreadable,
}
