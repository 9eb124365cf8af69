namespace PciBus.Tests.Architecture.Canaries.Workflows;

internal sealed class QueriesJob(PciBus.Management.Persistence.PciBusDbContext database)
{
    public override string ToString() => $"{database}";
}
