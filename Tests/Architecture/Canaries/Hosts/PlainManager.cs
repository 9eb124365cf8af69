namespace PciBus.Tests.Architecture.Canaries.Hosts;

internal sealed class PlainManager(PciBus.Management.Persistence.PciBusDbContext database)
{
    public override string ToString() => $"{database}";
}
