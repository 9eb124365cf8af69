namespace PciBus.Tests.Architecture.Canaries.Hosts.Capacity;

internal sealed class KnowsVirtualMachines(PciBus.Management.VirtualMachines.IStateListener listener)
{
    public override string ToString() => $"{listener}";
}
