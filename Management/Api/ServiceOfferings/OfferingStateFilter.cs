namespace PciBus.Management.Api.ServiceOfferings;

/// <summary>Which offerings are listed.</summary>
internal enum OfferingStateFilter
{
    Active,
    Inactive,
    All,
}
