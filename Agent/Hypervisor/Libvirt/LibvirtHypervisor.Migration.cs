using PciBus.Agent.Hypervisor.Libvirt.Native;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>Live migration, one libvirtd speaking to the other: it goes on without the agent.</summary>
internal sealed partial class LibvirtHypervisor
{
    /// <summary>Its caller knows how long it may take.</summary>
    public Task MigrateAsync(Guid uuid, string destination, bool autoConverge, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(destination, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
        {
            throw new HypervisorException(LibvirtError.OperationInvalid, 0, $"Requested operation is not valid: \"{destination}\" is no URI of a libvirt on another host");
        }

        // The memory goes where libvirt was told to go, and not to whatever the destination calls itself.
        return OnDomainAsync("the migration", Timeout.InfiniteTimeSpan, uuid, (domain, _) => domain.Migrate(destination, $"tcp://{uri.Host}", autoConverge), cancellationToken);
    }

    public Task AbortMigrationAsync(Guid uuid, CancellationToken cancellationToken) =>
        OnDomainAsync("the abort of the migration", Change, uuid, (domain, _) => domain.AbortJob(), cancellationToken);

    /// <summary>What can be looked at without asking the guest's other host; libvirt itself compares processors and machine types.</summary>
    public Task<string?> FindMigrationObstacleAsync(VirtualMachineTO vm, CancellationToken cancellationToken) =>
        OnBusAsync($"a look whether {vm.Name} could come here", _ => _places.ObstacleOf(vm), cancellationToken);

    public Task<MigrationJob?> FindMigrationAsync(Guid uuid, CancellationToken cancellationToken) => CallAsync(
        $"a look at the migration of domain {uuid}",
        Look,
        connection =>
        {
            try
            {
                using var domain = LibvirtDomain.Find(connection, uuid);
                return domain.Job() is { IsMigration: true } job ? new MigrationJob(job.MemoryTotal, job.MemoryRemaining) : null;
            }
            catch (HypervisorException e) when (e.Code is LibvirtError.NoDomain or LibvirtError.OperationInvalid or LibvirtError.OperationUnsupported)
            {
                // Gone, off, or on its way here.
                return null;
            }
        },
        cancellationToken);
}
