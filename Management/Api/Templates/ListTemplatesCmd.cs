using Microsoft.EntityFrameworkCore;
using PciBus.Management.Persistence;
using PciBus.Management.Places;
using PciBus.Management.Templates;

namespace PciBus.Management.Api.Templates;

[ApiCommand("listTemplates", "Lists templates", Response = typeof(TemplateResponse), Roles = ApiRoles.Everybody)]
internal sealed class ListTemplatesCmd(PciBusDbContext database) : ApiListCommand
{
    [ApiParameter("templatefilter", "featured, self, selfexecutable, sharedexecutable, executable, community or all", Required = true)]
    public TemplateFilter Filter { get; set; }

    [ApiParameter("id", "the template", Entity = typeof(Template))]
    public long? Id { get; set; }

    [ApiParameter("ids", "these templates, comma-separated", Entity = typeof(Template))]
    public IReadOnlyList<long>? Ids { get; set; }

    [ApiParameter("name", "the template's name")]
    public string? Name { get; set; }

    [ApiParameter("hypervisor", "templates for this hypervisor")]
    public string? Hypervisor { get; set; }

    [ApiParameter("zoneid", "templates of this zone: every template is in every zone", Entity = typeof(Zone))]
    public long? ZoneId { get; set; }

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var templates = database.Set<Template>().AsNoTracking().Where(template => template.Removed == null);
        if (Filter is TemplateFilter.Featured or TemplateFilter.SharedExecutable) templates = templates.Where(_ => false);
        if (Id is { } id) templates = templates.Where(template => template.Id == id);
        if (Ids is { } ids) templates = templates.Where(template => ids.Contains(template.Id));
        if (Hypervisor is { } hypervisor)
        {
            // All hypervisor types that there are have capital letters.
            hypervisor = hypervisor.ToUpperInvariant();
            templates = templates.Where(template => template.HypervisorType == hypervisor);
        }

        if (Word is { } word)
        {
            templates = templates.Where(
                template => template.Name.Folded().Contains(word.Folded()) || template.DisplayText.Folded().Contains(word.Folded()));
        }

        templates = await NamedAsync(templates, Name, cancellationToken);
        return await ListAsync(
            templates.OrderBy(template => template.Id),
            page => TemplateQueries.Describe(database, page),
            cancellationToken);
    }
}

/// <summary>Which templates are listed; CloudStack's words. All templates are public, none is featured or shared.</summary>
internal enum TemplateFilter
{
    Featured,
    Self,
    SelfExecutable,
    SharedExecutable,
    Executable,
    Community,
    All,
}
