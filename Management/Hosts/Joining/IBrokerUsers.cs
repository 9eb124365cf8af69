namespace PciBus.Management.Hosts.Joining;

/// <summary>What the broker keeps for hosts: their users, and the exchanges in front of their queues.</summary>
internal interface IBrokerUsers
{
    /// <summary>
    /// Makes the user of a host, with the rights that it needs and no others; any number of servers may do so at once. A user with another
    /// password is taken away before: what is connected with the old password must not go on.
    /// </summary>
    /// <exception cref="HttpRequestException">The broker's management API refuses it, or cannot be reached.</exception>
    Task EnsureAsync(string hostGuid, string passwordHash, CancellationToken cancellationToken);

    /// <summary>The users of hosts on the broker: the hash of each user's password, by the host's guid.</summary>
    /// <exception cref="HttpRequestException">The broker's management API refuses it, or cannot be reached.</exception>
    Task<IReadOnlyDictionary<string, string>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Takes the user of a host away; its connections end.</summary>
    /// <exception cref="HttpRequestException">The broker's management API refuses it, or cannot be reached.</exception>
    Task DeleteAsync(string hostGuid, CancellationToken cancellationToken);

    /// <summary>The guids that have an exchange.</summary>
    /// <exception cref="HttpRequestException">The broker's management API refuses it, or cannot be reached.</exception>
    Task<IReadOnlyList<string>> ListExchangesAsync(CancellationToken cancellationToken);

    /// <summary>Takes the exchange of a guid away, unless an agent has a queue behind it.</summary>
    /// <returns>False when an agent has.</returns>
    /// <exception cref="HttpRequestException">The broker's management API refuses it, or cannot be reached.</exception>
    Task<bool> TryDeleteExchangeAsync(string hostGuid, CancellationToken cancellationToken);
}

/// <summary>The user that a host is on the broker.</summary>
/// <param name="Guid">The host's.</param>
/// <param name="PasswordHash">As the broker keeps it.</param>
internal sealed record HostUser(long HostId, string Guid, string PasswordHash);
