namespace PciBus.Tests.Architecture.Canaries.Reconciliation;

internal sealed class KnowsHosts(PciBus.Management.Hosts.HostManager hosts)
{
    public override string ToString() => $"{hosts}";
}
