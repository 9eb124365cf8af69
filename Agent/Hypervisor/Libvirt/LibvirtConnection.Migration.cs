namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>Migration, and the job that it is.</summary>
internal sealed partial class LibvirtConnection
{
    /// <summary>virDomainJobType: bounded and unbounded are under way; what ended is shown for a while.</summary>
    private const int Bounded = 1;
    private const int Unbounded = 2;

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
        OnDomainAsync("virDomainGetJobInfo", LibvirtDeadlines.Look, uuid, domain =>
        {
            var job = LibvirtMemory.JobOf(domain);
            return new LibvirtJob(
                job.Type is Bounded or Unbounded, TimeSpan.FromMilliseconds(job.TimeElapsed), job.MemoryTotal, job.MemoryRemaining);
        }, cancellationToken);

    /// <summary>Aborts the job that a domain is in: who waits for it is told that it was aborted.</summary>
    public Task AbortJobAsync(Guid uuid, CancellationToken cancellationToken) =>
        ChangeAsync("virDomainAbortJob", uuid, LibvirtNative.virDomainAbortJob, cancellationToken);
}
