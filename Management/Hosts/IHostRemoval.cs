namespace PciBus.Management.Hosts;

/// <summary>
/// Knows what virtual machines have on hosts, which the code of hosts does not: asked before a host is moved or deleted, and told when it
/// is gone. Each call belongs to the transaction that has locked the host's capacity row.
/// </summary>
internal interface IHostRemoval
{
    /// <summary>Whether a virtual machine is on a host, or has CPU, RAM or a device there.</summary>
    Task<bool> IsUsedAsync(long hostId, CancellationToken cancellationToken);

    /// <summary>The virtual machines that keep a host from being deleted.</summary>
    /// <param name="hostId">The host.</param>
    /// <param name="isGivenUp">
    /// What virtual machines that left the host still have there ends with it. Only those there, or held by a workflow, keep it.
    /// </param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>Their names, the first ten.</returns>
    Task<IReadOnlyList<string>> UsersAsync(long hostId, bool isGivenUp, CancellationToken cancellationToken);

    /// <summary>A host was declared down: the virtual machines that were seen there run no more.</summary>
    Task DeclaredDownAsync(Host host, CancellationToken cancellationToken);

    /// <summary>A host was deleted, and its devices with it.</summary>
    Task RemovedAsync(Host host, CancellationToken cancellationToken);
}
