namespace PciBus.Tests.Architecture.Canaries.Hosts;

internal sealed class UsesAnEdge
{
    public static IEnumerable<object> Runners(IEnumerable<object> things) =>
        things.Where(thing => thing is PciBus.Management.Workflows.WorkflowRunner);
}
