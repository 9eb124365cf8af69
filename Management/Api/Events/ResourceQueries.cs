using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.Places;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.Templates;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Api.Events;

/// <summary>Finds what events and jobs are about: they have a type and an id, callers a uuid.</summary>
internal sealed class ResourceQueries(PciBusDbContext database)
{
    /// <summary>The types that events and jobs can be about and that a uuid can mean.</summary>
    private static readonly Type[] Types =
        [typeof(VirtualMachine), typeof(Host), typeof(PciDevice), typeof(ServiceOffering), typeof(Template)];

    /// <summary>The name of a type of resources, from what a caller calls it, in any case; an unknown name is left as it is.</summary>
    public static string TypeOf(string text) =>
        Types.Append(typeof(Cluster)).Select(type => type.Name).FirstOrDefault(
            name => name.Equals(text, StringComparison.OrdinalIgnoreCase)) ?? text;

    /// <summary>Uuids and names of resources, with one query per type; deleted resources are left out.</summary>
    public async Task<Dictionary<(string Type, long Id), ResourceName>> NamesAsync(
        IEnumerable<(string? Type, long? Id)> resources, CancellationToken cancellationToken)
    {
        var names = new Dictionary<(string, long), ResourceName>();
        foreach (var type in resources.Where(one => one is { Type: not null, Id: not null })
            .Distinct().GroupBy(one => one.Type!, one => one.Id!.Value))
        {
            var ids = type.ToList();
            var rows = type.Key switch
            {
                nameof(VirtualMachine) => database.Set<VirtualMachine>().Where(row => ids.Contains(row.Id))
                    .Select(row => new { row.Id, row.Uuid, row.Name }),
                nameof(Host) => database.Set<Host>().Where(row => ids.Contains(row.Id)).Select(row => new { row.Id, row.Uuid, row.Name }),
                nameof(PciDevice) => database.Set<PciDevice>().Where(row => ids.Contains(row.Id))
                    .Select(row => new { row.Id, row.Uuid, Name = row.AddressText }),
                nameof(ServiceOffering) => database.Set<ServiceOffering>().Where(row => ids.Contains(row.Id))
                    .Select(row => new { row.Id, row.Uuid, row.Name }),
                nameof(Template) =>
                    database.Set<Template>().Where(row => ids.Contains(row.Id)).Select(row => new { row.Id, row.Uuid, row.Name }),
                _ => null,
            };
            if (rows is null) continue;
            foreach (var row in await rows.ToListAsync(cancellationToken)) names[(type.Key, row.Id)] = new ResourceName(row.Uuid, row.Name);
        }

        return names;
    }

    /// <summary>The type and the id behind a uuid; null when nothing has it.</summary>
    public async Task<(string Type, long Id)?> FindAsync(Guid uuid, CancellationToken cancellationToken)
    {
        foreach (var type in Types)
        {
            if (await ApiEntities.FindAsync(database, type, uuid, cancellationToken) is { } id) return (type.Name, id);
        }

        return null;
    }
}

/// <summary>What something is called in the API.</summary>
internal sealed record ResourceName(Guid Uuid, string Name);
