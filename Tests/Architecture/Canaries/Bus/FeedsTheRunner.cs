namespace PciBus.Tests.Architecture.Canaries.Bus;

internal sealed class FeedsTheRunner(PciBus.Management.Workflows.WorkflowRunner runner)
{
    public override string ToString() => $"{runner}";
}
