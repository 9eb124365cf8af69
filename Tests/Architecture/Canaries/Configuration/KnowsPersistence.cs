namespace PciBus.Tests.Architecture.Canaries.Configuration;

internal sealed class KnowsPersistence(PciBus.Management.Persistence.DatabaseProvider provider)
{
    public override string ToString() => $"{provider}";
}
