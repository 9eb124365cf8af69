namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>Domains.</summary>
internal sealed partial class LibvirtConnection
{
    private const uint ListActive = 1;
    private const int MetadataElement = 2;
    private const uint CurrentState = (uint)LibvirtDeviceTarget.Current;

    /// <summary>The domains that exist, whatever they do; those that are only defined hold nothing.</summary>
    public Task<IReadOnlyList<LibvirtDomain>> ListDomainsAsync(CancellationToken cancellationToken) =>
        RunAsync("virConnectListAllDomains", LibvirtDeadlines.Look,
            connection => LibvirtMemory.Domains(connection, ListActive, ReadUnlessGone), cancellationToken);

    /// <summary>The domain with this uuid, also when it is only defined; null when there is none.</summary>
    public Task<LibvirtDomain?> FindDomainAsync(Guid uuid, CancellationToken cancellationToken) =>
        RunAsync("virDomainLookupByUUIDString", LibvirtDeadlines.Look, connection =>
        {
            using var handle = LibvirtNative.virDomainLookupByUUIDString(connection, uuid.ToString());
            if (!handle.IsInvalid) return ReadUnlessGone(handle);
            var error = LibvirtException.OfThisThread();
            return error.Failure == LibvirtFailure.NoDomain ? null : throw error;
        }, cancellationToken);

    /// <summary>Makes a domain that runs, and is gone when it ends (a transient one).</summary>
    /// <returns>Its uuid.</returns>
    public Task<Guid> CreateAsync(string xml, CancellationToken cancellationToken) =>
        RunAsync("virDomainCreateXML", LibvirtDeadlines.Change,
            connection => UuidOf(LibvirtNative.virDomainCreateXML(connection, xml, 0)), cancellationToken);

    /// <summary>Keeps the definition of a domain; one that runs takes it at its next start.</summary>
    /// <returns>Its uuid.</returns>
    public Task<Guid> DefineAsync(string xml, CancellationToken cancellationToken) =>
        RunAsync("virDomainDefineXMLFlags", LibvirtDeadlines.Change,
            connection => UuidOf(LibvirtNative.virDomainDefineXMLFlags(connection, xml, 0)), cancellationToken);

    /// <summary>Asks the guest to shut down; it may ignore it.</summary>
    public Task ShutdownAsync(Guid uuid, CancellationToken cancellationToken) =>
        ChangeAsync("virDomainShutdown", uuid, LibvirtNative.virDomainShutdown, cancellationToken);

    /// <summary>Asks the guest to reboot; it may ignore it.</summary>
    public Task RebootAsync(Guid uuid, CancellationToken cancellationToken) =>
        ChangeAsync("virDomainReboot", uuid, domain => LibvirtNative.virDomainReboot(domain, 0), cancellationToken);

    /// <summary>Presses the reset button. It completes detaches that the guest has left open.</summary>
    public Task ResetAsync(Guid uuid, CancellationToken cancellationToken) =>
        ChangeAsync("virDomainReset", uuid, domain => LibvirtNative.virDomainReset(domain, 0), cancellationToken);

    /// <summary>Ends the domain without asking the guest. One that ends by itself while it is being ended has ended.</summary>
    public Task DestroyAsync(Guid uuid, CancellationToken cancellationToken) =>
        OnDomainAsync("virDomainDestroy", LibvirtDeadlines.Change, uuid, domain =>
        {
            if (LibvirtNative.virDomainDestroy(domain) >= 0) return true;
            var error = LibvirtException.OfThisThread();
            return error.Failure == LibvirtFailure.NoDomain ? true : throw error;
        }, cancellationToken);

    public Task SuspendAsync(Guid uuid, CancellationToken cancellationToken) =>
        ChangeAsync("virDomainSuspend", uuid, LibvirtNative.virDomainSuspend, cancellationToken);

    public Task ResumeAsync(Guid uuid, CancellationToken cancellationToken) =>
        ChangeAsync("virDomainResume", uuid, LibvirtNative.virDomainResume, cancellationToken);

    /// <summary>Writes an XML element of ours into the domain's metadata.</summary>
    /// <param name="uuid">The domain.</param>
    /// <param name="prefix">The element's namespace prefix.</param>
    /// <param name="space">The element's namespace, by which it is found; there is one element of each.</param>
    /// <param name="xml">The element; null takes it away.</param>
    /// <param name="cancellationToken">Gives up waiting; the call goes on.</param>
    public Task SetMetadataAsync(Guid uuid, string prefix, string space, string? xml, CancellationToken cancellationToken) =>
        ChangeAsync("virDomainSetMetadata", uuid,
            domain => LibvirtNative.virDomainSetMetadata(domain, MetadataElement, xml, prefix, space, CurrentState), cancellationToken);

    /// <returns>The element of this namespace; null when the domain has none.</returns>
    public Task<string?> GetMetadataAsync(Guid uuid, string space, CancellationToken cancellationToken) =>
        OnDomainAsync<string?>("virDomainGetMetadata", LibvirtDeadlines.Look, uuid, domain =>
        {
            if (LibvirtNative.virDomainGetMetadata(domain, MetadataElement, space, CurrentState) is { } xml) return xml;
            var error = LibvirtException.OfThisThread();
            return error.Code == LibvirtFailures.NoDomainMetadata ? null : throw error;
        }, cancellationToken);

    private Task<int> ChangeAsync(string what, Guid uuid, Func<LibvirtDomainHandle, int> call, CancellationToken cancellationToken) =>
        OnDomainAsync(what, LibvirtDeadlines.Change, uuid, domain => LibvirtSession.Checked(call(domain)), cancellationToken);

    private Task<T> OnDomainAsync<T>(
        string what, TimeSpan deadline, Guid uuid, Func<LibvirtDomainHandle, T> call, CancellationToken cancellationToken) =>
        RunAsync($"{what} {uuid}", deadline, connection =>
        {
            using var domain = LibvirtNative.virDomainLookupByUUIDString(connection, uuid.ToString());
            return domain.IsInvalid ? throw LibvirtException.OfThisThread() : call(domain);
        }, cancellationToken);

    private static Guid UuidOf(LibvirtDomainHandle domain)
    {
        using (domain)
        {
            return domain.IsInvalid ? throw LibvirtException.OfThisThread() : LibvirtMemory.UuidOf(domain);
        }
    }

    private static LibvirtDomain? ReadUnlessGone(LibvirtDomainHandle domain)
    {
        try
        {
            var (state, reason) = StateOf(domain);
            while (true)
            {
                var job = JobUnlessNone(domain);
                var xml = LibvirtSession.Checked(LibvirtNative.virDomainGetXMLDesc(domain, 0));
                var name = LibvirtSession.Checked(LibvirtNative.virDomainGetName(domain));
                // A migration may have ended in between: without its job the domain would run, or be paused, where it is not.
                var then = StateOf(domain);
                if (then == (state, reason))
                {
                    return new LibvirtDomain(LibvirtMemory.UuidOf(domain), name, (LibvirtDomainState)state, reason, xml) { Job = job };
                }

                (state, reason) = then;
            }
        }
        catch (LibvirtException e) when (e.Failure == LibvirtFailure.NoDomain)
        {
            return null;
        }
    }

    private static (int State, int Reason) StateOf(LibvirtDomainHandle domain)
    {
        LibvirtSession.Checked(LibvirtNative.virDomainGetState(domain, out var state, out var reason, 0));
        return (state, reason);
    }

    private static LibvirtJob? JobUnlessNone(LibvirtDomainHandle domain)
    {
        try
        {
            return JobOf(domain);
        }
        catch (LibvirtException e) when (e.Failure is LibvirtFailure.Invalid or LibvirtFailure.NotSupported)
        {
            // It does not run, or the driver has no jobs.
            return null;
        }
    }
}
