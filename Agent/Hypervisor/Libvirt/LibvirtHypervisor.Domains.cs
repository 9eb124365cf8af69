using PciBus.Agent.Hypervisor.Libvirt.Native;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>What a domain of libvirt means to the agent.</summary>
internal sealed partial class LibvirtHypervisor
{
    /// <summary>
    /// Asks only those for their job that are stopped by a migration, which tells whether they come or go: one domain that is
    /// busy must not hold up the others.
    /// </summary>
    public async Task<IReadOnlyList<Domain>> ListDomainsAsync(CancellationToken cancellationToken)
    {
        var seen = await CallAsync<IReadOnlyList<Seen>>(
            "the list of domains",
            Look,
            connection =>
            {
                var found = LibvirtDomain.Active(connection);
                try
                {
                    return [.. found.Select(Describe).OfType<Seen>()];
                }
                finally
                {
                    foreach (var domain in found) domain.Dispose();
                }
            },
            cancellationToken);
        var domains = await Task.WhenAll(seen.Select(one => one.IsMigrating ? WithJobAsync(one.Domain, cancellationToken) : Task.FromResult<Domain?>(one.Domain)));
        return [.. domains.OfType<Domain>()];
    }

    public async Task<Domain?> FindDomainAsync(Guid uuid, CancellationToken cancellationToken)
    {
        if (await SeeAsync(uuid, cancellationToken) is not { } seen) return Absent(uuid);
        if (seen.Domain.HasJob) return seen.Domain;
        return await WithJobAsync(seen.Domain, cancellationToken) ?? Absent(uuid);
    }

    private Task<Seen?> SeeAsync(Guid uuid, CancellationToken cancellationToken) => CallAsync(
        $"a look at domain {uuid}",
        Look,
        connection =>
        {
            try
            {
                using var domain = LibvirtDomain.Find(connection, uuid);
                return Describe(domain);
            }
            catch (HypervisorException e) when (e.Code == LibvirtError.NoDomain)
            {
                return null;
            }
        },
        cancellationToken);

    /// <summary>No domain is seen, and that is evidence only when nothing is under way that could make it, or has failed to end it.</summary>
    /// <exception cref="HypervisorException">A call that changes it has not come back.</exception>
    private Domain? Absent(Guid uuid) => !_connection.IsChanging(uuid) && !_threads.IsChanging(uuid) ? null
        : throw new HypervisorException(
            LibvirtError.OperationTimeout, HypervisorException.RpcDomain, $"the hypervisor does not answer: an earlier call for domain {uuid} is still under way");

    /// <summary>Null for a domain that is off, or ended while one looked.</summary>
    private static Seen? Describe(LibvirtDomain domain)
    {
        try
        {
            var (state, reason) = domain.State();
            if (state == DomainStates.ShutOff) return null;
            var xml = DomainXml.Read(domain.Xml());
            var found = new Domain(
                xml.Uuid,
                xml.Name,
                DomainStates.Of(state),
                DomainStates.IsComingOrGoing(state, reason),
                [.. xml.HostDevices.Select(device => device.Address)])
            {
                GuestAddresses = [.. xml.HostDevices.Select(device => device.GuestAddress ?? "")],
            };
            return new Seen(found, DomainStates.IsMigrating(state, reason));
        }
        catch (HypervisorException e) when (e.Code is LibvirtError.NoDomain or LibvirtError.OperationInvalid)
        {
            // Ended while one looked, if its state says so.
            if (IsOff(domain)) return null;
            throw;
        }
    }

    /// <summary>Whether libvirt does something with it; null when it has ended meanwhile.</summary>
    private async Task<Domain?> WithJobAsync(Domain domain, CancellationToken cancellationToken)
    {
        if (_attaching.ContainsKey(domain.Uuid)) return domain;
        try
        {
            return await CallAsync(
                $"a look at the job of domain {domain.Uuid}",
                JobLook,
                connection =>
                {
                    using var found = LibvirtDomain.Find(connection, domain.Uuid);
                    return domain with { HasJob = found.Job() is not null };
                },
                cancellationToken);
        }
        catch (HypervisorException e) when (e.Code == LibvirtError.OperationUnsupported)
        {
            // Only the host that a migration comes from can tell how far it is.
            return domain with { HasJob = true, Incoming = true, State = DomainState.Paused };
        }
        catch (HypervisorException e) when (e.Code == LibvirtError.OperationTimeout)
        {
            // Somebody holds it with something else.
            return domain with { HasJob = true };
        }
        catch (HypervisorException e) when (e.Code is LibvirtError.NoDomain or LibvirtError.OperationInvalid)
        {
            if (await SeeAsync(domain.Uuid, cancellationToken) is null) return null;
            throw;
        }
    }

    private static bool IsOff(LibvirtDomain domain)
    {
        try
        {
            return domain.State().State == DomainStates.ShutOff;
        }
        catch (HypervisorException e) when (e.Code == LibvirtError.NoDomain)
        {
            return true;
        }
    }

    /// <param name="Domain">The domain, without its job unless its state tells that.</param>
    /// <param name="IsMigrating">It is stopped for a migration: on its way here, or about to be gone.</param>
    private sealed record Seen(Domain Domain, bool IsMigrating);
}
