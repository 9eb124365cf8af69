using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Accounts;

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
