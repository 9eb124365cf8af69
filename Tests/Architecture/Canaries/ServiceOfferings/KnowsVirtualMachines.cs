namespace PciBus.Tests.Architecture.Canaries.ServiceOfferings;

internal sealed class KnowsVirtualMachines(PciBus.Management.VirtualMachines.VirtualMachineManager vms)
{
    public override string ToString() => $"{vms}";
}
