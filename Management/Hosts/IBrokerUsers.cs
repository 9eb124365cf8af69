namespace PciBus.Management.Hosts;

/// <summary>The users of hosts on the broker.</summary>
internal interface IBrokerUsers
{
    /// <summary>Makes the user of a host, with the rights that it needs and no others; one that is there gets this password.</summary>
    /// <exception cref="HttpRequestException">The broker's management API refuses it, or cannot be reached.</exception>
    Task EnsureAsync(string hostGuid, string passwordHash, CancellationToken cancellationToken);

    /// <summary>The guids of the hosts that have a user.</summary>
    /// <exception cref="HttpRequestException">The broker's management API refuses it, or cannot be reached.</exception>
    Task<IReadOnlyCollection<string>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Takes the user of a host away; its connections end.</summary>
    /// <exception cref="HttpRequestException">The broker's management API refuses it, or cannot be reached.</exception>
    Task DeleteAsync(string hostGuid, CancellationToken cancellationToken);
}
