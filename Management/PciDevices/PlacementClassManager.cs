using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Persistence;
using PciBus.Management.Places;

namespace PciBus.Management.PciDevices;

/// <summary>Keeps each host's placement class true: called whenever its devices or tags change, in the same transaction.</summary>
internal sealed class PlacementClassManager(PciBusDbContext database, HostReportManager reports, PlacementClasses known)
{
    /// <summary>Rows that one transaction deletes.</summary>
    public const int BatchSize = 1000;

    /// <summary>
    /// Read anew, behind the lock on the host's capacity: a report may have changed the tags since the row was last read. A host that
    /// was deleted keeps its capacity row, and no class with it.
    /// </summary>
    private static readonly CompiledQuery<long, string> HostTagsOf = new((database, hostId, _) =>
        database.Set<Host>().Where(host => host.Id == hostId).Select(host => host.Removed == null ? host.HostTags : "").Single());

    /// <summary>Classes that this transaction made: it may still be rolled back.</summary>
    private readonly HashSet<string> _made = [];

    /// <summary>Names the class of a host with these tags and free devices.</summary>
    public static string DigestOf(string hostTags, PciDeviceNames free) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{hostTags}\n{free}")).AsSpan(0, 16));

    /// <summary>The class of a host with these tags and free devices; its row is made for the first such host.</summary>
    public async Task<string> EnsureAsync(string hostTags, PciDeviceNames free, CancellationToken cancellationToken)
    {
        var digest = DigestOf(hostTags, free);
        if (known.IsStored(digest) || _made.Contains(digest)) return digest;
        var one = new PlacementClass { Digest = digest, HostTags = hostTags, PciDevices = free.ToString() };
        if (await database.Set<PlacementClass>().AnyAsync(row => row.Digest == digest, cancellationToken))
        {
            known.Add(one);
            known.NoteStored(digest);
            return digest;
        }

        database.Add(one);
        await database.SaveChangesAsync(cancellationToken);
        known.Add(one);
        _made.Add(digest);
        return digest;
    }

    /// <summary>Brings a host's class up to date after a change that no report made.</summary>
    /// <param name="devices">All devices of the host, as they are now.</param>
    public async Task RefreshAsync(long hostId, IReadOnlyList<PciDevice> devices, CancellationToken cancellationToken)
    {
        await PutAsync(hostId, await HostTagsOf.ReadAsync(database, hostId, cancellationToken), devices, cancellationToken);
        reports.LooksAnew(hostId);
    }

    /// <summary>Puts a host into the class of its tags and of those of its devices that are free.</summary>
    public async Task PutAsync(long hostId, string hostTags, IReadOnlyList<PciDevice> devices, CancellationToken cancellationToken)
    {
        var free = new PciDeviceAccounter(devices).Free;
        var digest = await EnsureAsync(hostTags, free, cancellationToken);
        if (await TryPutAsync(hostId, digest, cancellationToken)) return;
        // Another server has deleted the row of the class since this server saw it.
        known.NoteDeleted(digest);
        await EnsureAsync(hostTags, free, cancellationToken);
        if (!await TryPutAsync(hostId, digest, cancellationToken))
        {
            throw new DbUpdateConcurrencyException("the placement class was deleted once more");
        }
    }

    /// <summary>Deletes classes in which no host is, a batch of them.</summary>
    /// <returns>How many were deleted, and the classes that there are now.</returns>
    public async Task<(int Deleted, IReadOnlyList<PlacementClass> Left)> DeleteUnusedAsync(CancellationToken cancellationToken)
    {
        // Zone by zone and state by state: that is how the hosts of a class are found by an index.
        var deleted = await database.Set<PlacementClass>()
            .Where(one => one.Digest != HostCapacity.EmptyClass
                && !database.Set<Zone>().Any(zone => database.Set<HostCapacity>().Any(host =>
                host.DataCenterId == zone.Id
                && (host.CapacityState == CapacityState.Enabled || host.CapacityState == CapacityState.Disabled)
                && host.PlacementClass == one.Digest)))
            .OrderBy(one => one.Id)
            .Take(BatchSize)
            .ExecuteDeleteAsync(cancellationToken);
        return (deleted, await database.Set<PlacementClass>().AsNoTracking().ToListAsync(cancellationToken));
    }

    /// <summary>As <see cref="RefreshAsync(long,IReadOnlyList{PciDevice},CancellationToken)"/>, reading the devices anew.</summary>
    public async Task RefreshAsync(long hostId, CancellationToken cancellationToken)
    {
        // In the line of all who claim there: a device that is read as free may be claimed at this moment.
        await reports.LookAnewAsync(hostId, cancellationToken);
        var devices = await database.Set<PciDevice>().AsNoTracking().Where(device => device.HostId == hostId)
            .ToListAsync(cancellationToken);
        await RefreshAsync(hostId, devices, cancellationToken);
    }

    /// <returns>False when the row of the class is not there.</returns>
    private async Task<bool> TryPutAsync(long hostId, string digest, CancellationToken cancellationToken) =>
        await database.Database.ExecuteSqlAsync(
        $"""
        UPDATE op_host_capacity SET placement_class = {digest}, report_hash = NULL, update_count = update_count + 1
        WHERE host_id = {hostId} AND EXISTS (SELECT 1 FROM op_placement_class WHERE digest = {digest})
        """,
        cancellationToken) > 0;
}
