namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>Migration, and the job that it is.</summary>
internal sealed partial class LibvirtConnection
{
    /// <summary>Migrates a domain and waits until it is over.</summary>
    /// <param name="uuid">The domain.</param>
    /// <param name="migration">Where to, and how.</param>
    /// <param name="deadline">When it has not ended by then the connection counts as hung: abort it before.</param>
    /// <param name="cancellationToken">Gives up waiting; the migration goes on.</param>
    public Task MigrateAsync(Guid uuid, LibvirtMigration migration, TimeSpan deadline, CancellationToken cancellationToken) =>
        OnDomainAsync("virDomainMigrateToURI3", deadline, uuid, domain =>
        {
            using var parameters = new LibvirtTypedParameters(migration.Parameters());
            return LibvirtSession.Checked(parameters.Migrate(domain, migration.DestinationUri, (uint)migration.Flags));
        }, cancellationToken);

    /// <summary>The job that a domain is in.</summary>
    public Task<LibvirtJob> GetJobAsync(Guid uuid, CancellationToken cancellationToken) =>
        OnDomainAsync("virDomainGetJobStats", LibvirtDeadlines.Look, uuid, JobOf, cancellationToken);

    /// <summary>
    /// Aborts the job that a domain is in: who waits for it is told that it was aborted. Not for a domain that is being brought here:
    /// the call waits until that is over, and is refused then.
    /// </summary>
    public Task AbortJobAsync(Guid uuid, CancellationToken cancellationToken) =>
        ChangeAsync("virDomainAbortJob", uuid, LibvirtNative.virDomainAbortJob, cancellationToken);

    private static LibvirtJob JobOf(LibvirtDomainHandle domain)
    {
        try
        {
            return LibvirtMemory.JobOf(domain);
        }
        catch (LibvirtException e) when (e.Code == LibvirtFailures.OperationUnsupported)
        {
            // QEMU's driver has figures of a migration at its source only, and says so of a domain that is being brought here.
            return new LibvirtJob(IsActive: true, LibvirtJobOperation.MigrationIn);
        }
    }
}
