namespace PciBus.Management.ServiceOfferings;

/// <summary>Whether new virtual machines may be made of an offering.</summary>
internal enum ServiceOfferingState
{
    Active,

    /// <summary>Deleted; virtual machines made of it go on.</summary>
    Inactive,
}
