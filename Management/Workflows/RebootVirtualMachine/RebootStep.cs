namespace PciBus.Management.Workflows.RebootVirtualMachine;

internal enum RebootStep
{
    Begin,

    /// <summary>The host was told to reboot it.</summary>
    Rebooting,
}
