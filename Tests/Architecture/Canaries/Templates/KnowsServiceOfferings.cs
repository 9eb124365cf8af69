namespace PciBus.Tests.Architecture.Canaries.Templates;

internal sealed class KnowsServiceOfferings(PciBus.Management.ServiceOfferings.ServiceOfferingManager offerings)
{
    public override string ToString() => $"{offerings}";
}
