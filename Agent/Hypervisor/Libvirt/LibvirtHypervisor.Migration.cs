namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>Live migration, from this host's libvirtd to another's. It goes on without the agent.</summary>
internal sealed partial class LibvirtHypervisor
{
    public async Task<string?> ObjectionToMigrateAsync(Guid uuid, string destination, CancellationToken cancellationToken)
    {
        if (await LookAsync(connection => connection.FindCpuAsync(uuid, cancellationToken), cancellationToken) is not { } cpu) return null;
        var began = _timeProvider.GetTimestamp();
        try
        {
            await using var there = await LibvirtConnection.OpenAsync(
                destination, LibvirtDeadlines.Ask, listens: false, _timeProvider, cancellationToken);
            return await there.CpuObjectionAsync(cpu, _settings.DomainType, cancellationToken) is { } lacks
                ? $"the destination's processor does not do for the guest: {lacks}"
                : null;
        }
        catch (LibvirtException e)
        {
            // libvirtd may reach it all the same: it may have a right or a certificate that this process has not.
            LogNotCompared(uuid, destination, e.Message);
            return null;
        }
        finally
        {
            LogLooked(nameof(ObjectionToMigrateAsync), (long)_timeProvider.GetElapsedTime(began).TotalMilliseconds);
        }
    }

    public Task MigrateAsync(Guid uuid, string destination, bool autoConverge, CancellationToken cancellationToken)
    {
        var migration = LibvirtMigration.To(destination, autoConverge);
        return ChangeAsync(
            uuid, connection => connection.MigrateAsync(uuid, migration, LibvirtDeadlines.Migration, cancellationToken), cancellationToken);
    }

    public async Task AbortMigrationAsync(Guid uuid, CancellationToken cancellationToken)
    {
        var job = await LookAsync(connection => connection.GetJobAsync(uuid, cancellationToken), cancellationToken);
        // What is no migration is not ours to abort, and to abort an incoming one waits until it is over.
        if (job.IsActive && job.Operation != LibvirtJobOperation.MigrationOut) throw NoJob();
        await ChangeAsync(uuid, connection => connection.AbortJobAsync(uuid, cancellationToken), cancellationToken);
    }

    public Task<MigrationJob?> FindMigrationAsync(Guid uuid, CancellationToken cancellationToken) => LookAsync(
        async connection => await connection.FindDomainAsync(uuid, cancellationToken) is { Job: { } job }
            && job.Is(LibvirtJobOperation.MigrationOut)
            ? new MigrationJob((long)job.MemoryTotal, (long)job.MemoryRemaining)
            : null,
        cancellationToken);

    [LoggerMessage(3203, LogLevel.Information, "{Uuid}: whether its processor does for {Destination} is not known beforehand: {Why}")]
    private partial void LogNotCompared(Guid uuid, string destination, string why);

    private static HypervisorException NoJob() =>
        new(LibvirtFailures.OperationInvalid, LibvirtFailures.FromQemu, "Requested operation is not valid: no job is active on the domain");
}
