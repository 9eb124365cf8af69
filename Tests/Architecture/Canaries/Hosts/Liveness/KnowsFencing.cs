namespace PciBus.Tests.Architecture.Canaries.Hosts.Liveness;

internal sealed class KnowsFencing(PciBus.Management.Hosts.Fencing.IFencingCommand command)
{
    public override string ToString() => $"{command}";
}
