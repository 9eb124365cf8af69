namespace PciBus.Management.Workflows.Settle;

internal enum SettleStep
{
    Begin,

    /// <summary>The host was asked to clean up if the virtual machine is off there.</summary>
    Asking,
}
