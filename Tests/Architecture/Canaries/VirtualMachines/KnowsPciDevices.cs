namespace PciBus.Tests.Architecture.Canaries.VirtualMachines;

internal sealed class KnowsPciDevices
{
    public static string None => PciBus.Management.PciDevices.PciDeviceNames.None.ToString();
}
