namespace PciBus.Tests.Architecture.Canaries.Events;

internal sealed class KnowsJobs(PciBus.Management.Jobs.AsyncJobManager jobs)
{
    public override string ToString() => $"{jobs}";
}
