using PciBus.Management.Persistence;

namespace PciBus.Management.Hosts.Joining;

/// <summary>
/// Gives the broker the user of a host as the database has it. A host that joins and reconciliation both do so, on any server and at any
/// moment. On one server they stand in line. Another server may write to the broker in between: each server reads the database directly
/// before it writes to the broker, and again afterwards, and goes on until the two agree.
/// </summary>
/// <param name="users">Null when nobody said where the broker's management API is.</param>
internal sealed class HostUserManager(DatabaseTransactions transactions, IBrokerUsers? users = null)
{
    /// <summary>More rounds than a host can join while its user is made.</summary>
    private const int Rounds = 10;

    private readonly SemaphoreSlim[] _lines = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1, 1))];

    /// <summary>Whether users can be made at all.</summary>
    public bool IsPossible => users is not null;

    /// <summary>
    /// Makes the user of the host that has a guid now, with its current password; without such a host, takes the user away.
    /// </summary>
    /// <exception cref="HttpRequestException">The broker's management API refuses it, or cannot be reached.</exception>
    public async Task AlignAsync(string hostGuid, CancellationToken cancellationToken)
    {
        var line = _lines[(uint)string.GetHashCode(hostGuid, StringComparison.Ordinal) % _lines.Length];
        await line.WaitAsync(cancellationToken);
        try
        {
            var wanted = await PasswordHashAsync(hostGuid, cancellationToken);
            for (var round = 1; round <= Rounds; round++)
            {
                if (wanted is null) await users!.DeleteAsync(hostGuid, cancellationToken);
                else await users!.EnsureAsync(hostGuid, wanted, cancellationToken);
                var before = wanted;
                wanted = await PasswordHashAsync(hostGuid, cancellationToken);
                if (wanted == before) return;
            }
        }
        finally
        {
            line.Release();
        }
    }

    private Task<string?> PasswordHashAsync(string hostGuid, CancellationToken cancellationToken) => transactions.RunAsync(
        (HostJoinManager joins) => joins.PasswordHashAsync(hostGuid, cancellationToken), _ => false, cancellationToken);
}
