using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Accounts;

/// <summary>Who owns virtual machines, templates and jobs.</summary>
internal sealed class Account
{
    public const long AdminId = 1;
    public const string Enabled = "Enabled";

    /// <summary>The type of the root administrator's account.</summary>
    public const string Admin = "Admin";

    public long Id { get; set; }
    public Guid Uuid { get; set; }
    public required string AccountName { get; set; }
    public required string Type { get; set; }
    public long DomainId { get; set; }
    public required string State { get; set; }
    public DateTimeOffset Created { get; set; }
    public DateTimeOffset? Removed { get; set; }
}

internal sealed class AccountTable : IEntityTypeConfiguration<Account>
{
    public void Configure(EntityTypeBuilder<Account> builder)
    {
        builder.ToTable("account");
        builder.HasIndex(x => x.Uuid).IsUnique();
        builder.HasIndex(x => x.DomainId);
    }
}
