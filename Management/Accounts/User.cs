namespace PciBus.Management.Accounts;

/// <summary>Somebody who may act for an account.</summary>
internal sealed class User
{
    public const long AdminId = 1;

    public long Id { get; set; }
    public Guid Uuid { get; set; }
    public required string Username { get; set; }
    public long AccountId { get; set; }
    public required string Firstname { get; set; }
    public required string Lastname { get; set; }
    public string? Email { get; set; }
    public required string State { get; set; }
    public DateTimeOffset Created { get; set; }
    public DateTimeOffset? Removed { get; set; }
}
