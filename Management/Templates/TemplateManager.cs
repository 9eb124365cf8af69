using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Persistence;

namespace PciBus.Management.Templates;

/// <summary>Keeps templates. Hosts fetch them by their url; management stores no images.</summary>
internal sealed class TemplateManager(PciBusDbContext database, EventManager events)
{
    public async Task<Refusal?> RegisterAsync(Template template, Caller caller, CancellationToken cancellationToken)
    {
        database.Add(template);
        await database.SaveChangesAsync(cancellationToken);
        events.Record(
            EventTypes.TemplateCreate, $"template {template.Name} was registered", caller, nameof(Template), template.Id);
        return null;
    }
}
