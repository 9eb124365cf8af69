using PciBus.Contracts.Connection;
using PciBus.Management.Accounts;
using PciBus.Management.Persistence;

namespace PciBus.Management.Setup;

/// <summary>
/// The first start on a database gives the user admin a random password and a key pair: they are written to a file that
/// only its owner can read, and shown once.
/// </summary>
internal static partial class FirstStart
{
    public const string FileName = "admin-credentials";

    /// <param name="console">The console that people read; null when machines read the logs, which are no place for secrets.</param>
    /// <exception cref="SetupException">This server cannot read the secret keys of the database.</exception>
    public static async Task RunAsync(
        IServiceProvider services, string dataFolder, ILogger logger, TextWriter? console, CancellationToken cancellationToken)
    {
        var path = Path.Combine(dataFolder, FileName);
        var found = await LookAsync(services, cancellationToken);
        if (found == AdminKeys.Missing)
        {
            if (await GiveAsync(services, path, cancellationToken) is { } credentials)
            {
                LogMade(logger, path);
                console?.Write($"\nUser admin, shown this once:\n{Text(credentials)}\n");
            }

            // Another server may have been faster, with another key.
            found = await LookAsync(services, cancellationToken);
        }

        if (found == AdminKeys.Unreadable)
        {
            throw new SetupException(
                $"The secret keys in the database were encrypted with another key than {Path.Combine(dataFolder, SecretKeyFile.FileName)} "
                + $"or {SecretKeyFile.Variable} has: give that key to all servers as {SecretKeyFile.Variable}; docs/api.md says what to do "
                + "when it is lost");
        }
    }

    private static async Task<AdminKeys> LookAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<UserKeyManager>().LookAtAdminAsync(cancellationToken);
    }

    /// <returns>The credentials that were given; null when another server was faster.</returns>
    private static async Task<Credentials?> GiveAsync(IServiceProvider services, string path, CancellationToken cancellationToken)
    {
        var credentials = Credentials.Random();
        var hash = PasswordHash.Of(credentials.Password);
        var given = await services.GetRequiredService<DatabaseTransactions>().RunAsync(
            async (UserKeyManager keys) =>
            {
                if (!await keys.TryGiveAdminAsync(credentials, hash, cancellationToken)) return false;
                // Written before the commit: after a crash in between, the next start makes new ones. Otherwise nobody would know them.
                OwnersFile.Write(path, Text(credentials));
                return true;
            },
            cancellationToken);
        return given ? credentials : null;
    }

    /// <summary>One line each, such that a shell can read the file too.</summary>
    private static string Text(Credentials credentials) =>
        $"username=admin\npassword={credentials.Password}\napikey={credentials.ApiKey}\nsecretkey={credentials.SecretKey}\n";

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "The user admin has a password and API keys now: they are in {Path}, which only you can read")]
    private static partial void LogMade(ILogger logger, string path);
}
