using PciBus.Management.Accounts;
using PciBus.Management.Persistence;
using PciBus.Management.Templates;

namespace PciBus.Management.Api.Templates;

/// <summary>Describes templates for callers.</summary>
internal static class TemplateQueries
{
    /// <summary>In the order they were registered.</summary>
    public static IQueryable<TemplateResponse> Describe(PciBusDbContext database, IQueryable<Template> templates) =>
        from template in templates
        join account in database.Set<Account>() on template.AccountId equals account.Id
        join domain in database.Set<Domain>() on template.DomainId equals domain.Id
        orderby template.Id
        select new TemplateResponse
        {
            Id = template.Uuid,
            Name = template.Name,
            DisplayText = template.DisplayText,
            Url = template.Url,
            Format = template.Format,
            Hypervisor = template.HypervisorType,
            Account = account.AccountName,
            DomainId = domain.Uuid,
            Domain = domain.Name,
            Created = template.Created,
        };
}
