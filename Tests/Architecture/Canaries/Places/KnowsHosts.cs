namespace PciBus.Tests.Architecture.Canaries.Places;

internal sealed class KnowsHosts(PciBus.Management.Hosts.HostManager hosts)
{
    public override string ToString() => $"{hosts}";
}
