namespace PciBus.Tests.Architecture.Canaries.PciDevices;

internal sealed class KnowsDeployment(PciBus.Management.Deployment.DeploymentPlanningManager planning)
{
    public override string ToString() => $"{planning}";
}
