using Microsoft.EntityFrameworkCore;
using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Joining;
using PciBus.Management.Jobs;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.Places;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.Templates;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Api;

/// <summary>Turns the uuids of the API into ids. Deleted entities are still found: the command says what that means.</summary>
internal static class ApiEntities
{
    private static readonly Dictionary<Type, Func<PciBusDbContext, Guid, CancellationToken, Task<long?>>> Lookups = new()
    {
        [typeof(Domain)] = FindAsync<Domain>,
        [typeof(Zone)] = FindAsync<Zone>,
        [typeof(Pod)] = FindAsync<Pod>,
        [typeof(Cluster)] = FindAsync<Cluster>,
        [typeof(Host)] = FindAsync<Host>,
        [typeof(HostJoinToken)] = FindAsync<HostJoinToken>,
        [typeof(PciDevice)] = FindAsync<PciDevice>,
        [typeof(ServiceOffering)] = FindAsync<ServiceOffering>,
        [typeof(Template)] = FindAsync<Template>,
        [typeof(VirtualMachine)] = FindAsync<VirtualMachine>,
        [typeof(AsyncJob)] = FindAsync<AsyncJob>,
        [typeof(Event)] = FindAsync<Event>,
        [typeof(Alert)] = FindAsync<Alert>,
    };

    /// <returns>Null when there is none.</returns>
    public static Task<long?> FindAsync(PciBusDbContext database, Type entity, Guid uuid, CancellationToken cancellationToken) =>
        Lookups[entity](database, uuid, cancellationToken);

    private static async Task<long?> FindAsync<T>(PciBusDbContext database, Guid uuid, CancellationToken cancellationToken)
        where T : class => await database.Set<T>()
        .Where(row => EF.Property<Guid>(row, "Uuid") == uuid)
        .Select(row => (long?)EF.Property<long>(row, "Id"))
        .FirstOrDefaultAsync(cancellationToken);
}
