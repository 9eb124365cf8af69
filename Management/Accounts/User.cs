using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Accounts;

/// <summary>Somebody who may act for an account.</summary>
internal sealed class User
{
    public const long AdminId = 1;
    public const string Enabled = "Enabled";

    public long Id { get; set; }
    public Guid Uuid { get; set; }
    public required string Username { get; set; }
    public long AccountId { get; set; }
    public required string Firstname { get; set; }
    public required string Lastname { get; set; }
    public string? Email { get; set; }
    public required string State { get; set; }

    /// <summary>What <see cref="PasswordHash"/> made of it; null: the user has none, and cannot log in.</summary>
    public string? Password { get; set; }

    /// <summary>Names the user in signed calls.</summary>
    public string? ApiKey { get; set; }

    /// <summary>The key that the user signs with, sealed by <see cref="SecretCipher"/>.</summary>
    public string? SecretKey { get; set; }
    public DateTimeOffset Created { get; set; }
    public DateTimeOffset? Removed { get; set; }
}

internal sealed class UserTable : IEntityTypeConfiguration<User>
{
    public void Configure(EntityTypeBuilder<User> builder)
    {
        builder.ToTable("user");
        builder.HasIndex(x => x.Uuid).IsUnique();
        builder.HasIndex(x => x.AccountId);
        builder.HasIndex(x => x.ApiKey).IsUnique();
    }
}
