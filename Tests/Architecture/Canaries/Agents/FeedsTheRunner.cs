namespace PciBus.Tests.Architecture.Canaries.Agents;

internal sealed class FeedsTheRunner(PciBus.Management.Workflows.WorkflowRunner runner)
{
    public override string ToString() => $"{runner}";
}
