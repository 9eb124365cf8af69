namespace PciBus.Management.Accounts;

/// <summary>How the keys of the user admin stand in a database.</summary>
internal enum AdminKeys
{
    /// <summary>It has no password yet: nobody has started on this database.</summary>
    Missing,

    /// <summary>They are there, and this server can read secret keys.</summary>
    Readable,

    /// <summary>They were sealed with another key than this server's.</summary>
    Unreadable,
}
