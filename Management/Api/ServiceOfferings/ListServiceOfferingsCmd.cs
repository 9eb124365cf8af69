using Microsoft.EntityFrameworkCore;
using PciBus.Management.Accounts;
using PciBus.Management.Persistence;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Api.ServiceOfferings;

[ApiCommand("listServiceOfferings", "Lists service offerings", Response = typeof(ServiceOfferingResponse), Roles = ApiRoles.Everybody)]
internal sealed class ListServiceOfferingsCmd(PciBusDbContext database) : ApiListCommand
{
    [ApiParameter("id", "the offering", Entity = typeof(ServiceOffering))]
    public long? Id { get; set; }

    [ApiParameter("name", "the offering's name")]
    public string? Name { get; set; }

    [ApiParameter("domainid", "offerings for this domain alone", Entity = typeof(Domain))]
    public long? DomainId { get; set; }

    [ApiParameter("virtualmachineid", "the offering of this virtual machine", Entity = typeof(VirtualMachine))]
    public long? VirtualMachineId { get; set; }

    [ApiParameter("state", "Active unless given; Inactive, or all")]
    public OfferingStateFilter State { get; set; }

    [ApiParameter("issystem", "true lists nothing: there are no offerings for system machines")]
    public bool IsSystem { get; set; }

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var offerings = database.Set<ServiceOffering>().AsNoTracking().Where(_ => !IsSystem);
        if (Id is { } id) offerings = offerings.Where(offering => offering.Id == id);
        if (DomainId is { } domainId) offerings = offerings.Where(offering => offering.DomainId == domainId);
        if (VirtualMachineId is { } vmId)
        {
            offerings = offerings.Where(
                offering => database.Set<VirtualMachine>().Any(vm => vm.Id == vmId && vm.ServiceOfferingId == offering.Id));
        }

        if (State != OfferingStateFilter.All)
        {
            var state = State == OfferingStateFilter.Active ? ServiceOfferingState.Active : ServiceOfferingState.Inactive;
            offerings = offerings.Where(offering => offering.State == state);
        }

        if (Word is { } word)
        {
            offerings = offerings.Where(
                offering => offering.Name.Folded().Contains(word.Folded()) || offering.DisplayText.Folded().Contains(word.Folded()));
        }

        offerings = await NamedAsync(offerings, Name, cancellationToken);
        return await ListAsync(
            offerings.OrderBy(offering => offering.Id), page => DescribeAsync(page, cancellationToken), cancellationToken);
    }

    private async Task<List<ServiceOfferingResponse>> DescribeAsync(IQueryable<ServiceOffering> page, CancellationToken cancellationToken)
    {
        var rows = await page
            .LeftJoin(
                database.Set<Domain>(), offering => offering.DomainId, domain => domain.Id, (offering, domain) => new { offering, domain })
            .OrderBy(row => row.offering.Id)
            .ToListAsync(cancellationToken);
        return [.. rows.Select(row => ServiceOfferingResponse.Of(row.offering, row.domain?.Uuid, row.domain?.Name, []))];
    }
}

/// <summary>Which offerings are listed.</summary>
internal enum OfferingStateFilter
{
    Active,
    Inactive,
    All,
}
