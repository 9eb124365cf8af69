using System.Xml.Linq;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>Migration, and the job that it is.</summary>
internal sealed partial class LibvirtConnection
{
    /// <summary>VIR_DOMAIN_XML_MIGRATABLE: as another host is told.</summary>
    private const uint Migratable = 1 << 3;

    /// <summary>VIR_CONNECT_COMPARE_CPU_FAIL_INCOMPATIBLE: the error names what is missing.</summary>
    private const uint FailIncompatible = 1 << 0;

    /// <summary>The processor that a guest sees, as XML; null when its definition has none.</summary>
    public Task<string?> FindCpuAsync(Guid uuid, CancellationToken cancellationToken) =>
        OnDomainAsync("virDomainGetXMLDesc", LibvirtDeadlines.Look, uuid,
            domain => XElement.Parse(LibvirtSession.Checked(LibvirtNative.virDomainGetXMLDesc(domain, Migratable)))
                .Element("cpu")?.ToString(),
            cancellationToken);

    /// <summary>What this host lacks for a guest that sees a processor; null: nothing.</summary>
    /// <param name="cpu">The processor, as XML.</param>
    /// <param name="type">What runs the guest: <c>kvm</c>, <c>qemu</c>.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task<string?> CpuObjectionAsync(string cpu, string type, CancellationToken cancellationToken) =>
        RunAsync("virConnectCompareHypervisorCPU", LibvirtDeadlines.Look, connection =>
        {
            if (LibvirtNative.virConnectCompareHypervisorCPU(connection, null, null, null, type, cpu, FailIncompatible) >= 0) return null;
            var error = LibvirtException.OfThisThread();
            return error.Code == LibvirtFailures.CpuIncompatible ? error.Message : throw error;
        }, cancellationToken);

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
