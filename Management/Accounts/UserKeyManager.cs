using Microsoft.EntityFrameworkCore;
using PciBus.Management.Persistence;

namespace PciBus.Management.Accounts;

/// <summary>Finds users by their API keys, and gives the first user its keys.</summary>
internal sealed class UserKeyManager(PciBusDbContext database, SecretCipher cipher)
{
    /// <returns>The user, whatever its state; null when nobody has this key.</returns>
    public async Task<KeyHolder?> FindAsync(string apiKey, CancellationToken cancellationToken)
    {
        var found = await (
            from user in database.Set<User>()
            join account in database.Set<Account>() on user.AccountId equals account.Id
            where user.ApiKey == apiKey && user.Removed == null && account.Removed == null
            select new { User = user, Account = account })
            .AsNoTracking()
            .SingleOrDefaultAsync(cancellationToken);
        return found is null ? null : new KeyHolder(found.User, found.Account, Open(found.User));
    }

    /// <summary>The state of the keys of the user admin.</summary>
    public async Task<AdminKeys> LookAtAdminAsync(CancellationToken cancellationToken)
    {
        var admin = await database.Set<User>().AsNoTracking().SingleAsync(user => user.Id == User.AdminId, cancellationToken);
        if (admin.Password is null) return AdminKeys.Missing;
        return admin.SecretKey is null || Open(admin) is not null ? AdminKeys.Readable : AdminKeys.Unreadable;
    }

    /// <summary>Gives the user admin its first password and keys.</summary>
    /// <param name="passwordHash">Of the password; made before the transaction, because it takes long.</param>
    /// <returns>False when the user has some: another server was first.</returns>
    public async Task<bool> TryGiveAdminAsync(Credentials credentials, string passwordHash, CancellationToken cancellationToken)
    {
        var secretKey = cipher.Seal(credentials.SecretKey, User.AdminId);
        return await database.Set<User>()
            .Where(user => user.Id == User.AdminId && user.Password == null)
            .ExecuteUpdateAsync(
                set => set
                    .SetProperty(user => user.Password, passwordHash)
                    .SetProperty(user => user.ApiKey, credentials.ApiKey)
                    .SetProperty(user => user.SecretKey, secretKey),
                cancellationToken) == 1;
    }

    private string? Open(User user) => user.SecretKey is null ? null : cipher.Open(user.SecretKey, user.Id);
}
