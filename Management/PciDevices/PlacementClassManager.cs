using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;

namespace PciBus.Management.PciDevices;

/// <summary>Keeps each host's placement class true: called whenever its devices or tags change, in the same transaction.</summary>
internal sealed class PlacementClassManager(PciBusDbContext database, HostReportManager reports, PlacementClasses known)
{
    /// <summary>Read anew, behind the lock on the host's capacity: a report may have changed the tags since the row was last read.</summary>
    private static readonly CompiledQuery<Func<PciBusDbContext, long, Task<string>>> HostTagsOf = new(() => EF.CompileAsyncQuery(
        (PciBusDbContext database, long hostId) => database.Set<Host>().Where(host => host.Id == hostId).Select(host => host.HostTags).Single()));

    /// <summary>Classes this transaction made: it may yet be rolled back.</summary>
    private readonly HashSet<string> _made = [];

    /// <summary>Names the class of a host with these tags and free devices.</summary>
    public static string DigestOf(string hostTags, PciDeviceNames free) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{hostTags}\n{free}")).AsSpan(0, 16));

    /// <summary>The class of a host with these tags and free devices; its row is made when it is the first.</summary>
    public async Task<string> EnsureAsync(string hostTags, PciDeviceNames free, CancellationToken cancellationToken)
    {
        var pciDevices = free.ToString();
        var digest = DigestOf(hostTags, free);
        if (known.IsStored(digest) || _made.Contains(digest)) return digest;
        if (await database.Set<PlacementClass>().AnyAsync(one => one.Digest == digest, cancellationToken))
        {
            known.NoteStored(digest);
            return digest;
        }

        var made = new PlacementClass { Digest = digest, HostTags = hostTags, PciDevices = pciDevices };
        database.Add(made);
        await database.SaveChangesAsync(cancellationToken);
        known.Add(made);
        _made.Add(digest);
        return digest;
    }

    /// <summary>Brings a host's class up to date after a change that no report made.</summary>
    /// <param name="devices">All devices of the host, as they are now.</param>
    public async Task RefreshAsync(long hostId, IReadOnlyList<PciDevice> devices, CancellationToken cancellationToken)
    {
        var digest = await EnsureAsync(await HostTagsOf.On(database)(database, hostId), new PciDeviceAccounter(devices).Free, cancellationToken);
        await database.Database.ExecuteSqlAsync(
            $"UPDATE op_host_capacity SET placement_class = {digest}, report_hash = NULL, update_count = update_count + 1 WHERE host_id = {hostId}",
            cancellationToken);
        reports.LooksAnew(hostId);
    }

    /// <summary>As <see cref="RefreshAsync(long,IReadOnlyList{PciDevice},CancellationToken)"/>, reading the devices anew.</summary>
    public async Task RefreshAsync(long hostId, CancellationToken cancellationToken) => await RefreshAsync(
        hostId,
        await database.Set<PciDevice>().AsNoTracking().Where(device => device.HostId == hostId).ToListAsync(cancellationToken),
        cancellationToken);
}
