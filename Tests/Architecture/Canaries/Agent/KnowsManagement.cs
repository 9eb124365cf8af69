namespace PciBus.Tests.Architecture.Canaries.Agent;

internal sealed class KnowsManagement
{
    public static Type Refusal => typeof(PciBus.Management.Refusal);
}
